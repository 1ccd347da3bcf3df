from datetime import timedelta

import pytest
import sqlalchemy as sa

from model.errors import SettingsError
from serving.ids import new_id
from serving.ledger.erasure import Erased, erase
from serving.ledger.event import Kind, Scope, Source
from serving.ledger.history import consent_of, history
from serving.ledger.state import Standing
from serving.ledger.verify import Flaw, verify
from serving.store.contacts import ContactKey, load_contacts
from serving.store.database import reading, writing
from serving.store.moments import aware
from serving.store.review_tables import reviews
from serving.store.tables import consent_events, metadata, outbox
from tests.serving.ledger.making import NOON, NUMBER, PEPPER, event, recorded
from tests.serving.ledger.record import (
    a_contact,
    a_decision,
    a_message,
    decision_id_of,
)

LATER = NOON + timedelta(days=30)
OTHER = "+15550111"


def erased(
    engine: sa.Engine, number: str = NUMBER, *programs: tuple[str, str]
) -> Erased:
    with writing(engine) as connection:
        return erase(
            connection,
            number,
            pepper=PEPPER,
            actor="operator:7",
            now=lambda: LATER,
            new_id=new_id,
            programs=programs,
        )


def standing(engine: sa.Engine, number: str = NUMBER, program: str = "alerts") -> str:
    with reading(engine) as connection:
        found = consent_of(
            connection, number, brand="acme", program=program, pepper=PEPPER
        )
    return found.of(Scope.ALL).standing


def everything(engine: sa.Engine) -> str:
    """Return all that the database holds, as text."""
    with reading(engine) as connection:
        return "\n".join(
            str(row)
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        )


def test_number_and_words_go_and_the_chain_stays_whole(engine: sa.Engine) -> None:
    recorded(engine, event(text="STOP it", ip="192.0.2.7"), event(number=OTHER))
    with writing(engine) as connection:
        a_contact(connection, NUMBER)
        a_decision(connection, NUMBER, text="STOP it")
        a_message(connection, "m1", NUMBER, "STOP it")

    told = erased(engine)

    assert (told.entries, told.decisions, told.messages) == (1, 1, 2)
    held = everything(engine)
    assert not [word for word in (NUMBER, "STOP it", "192.0.2.7") if word in held]
    assert OTHER in held
    with reading(engine) as connection:
        verdict = verify(connection)
        assert load_contacts(connection, [ContactKey(NUMBER, "+15550199")]) == {}
    assert verdict.whole
    assert verdict.erased == 1


def test_what_is_still_owed_goes_as_well_and_nobody_delivers_it(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        for number in (NUMBER, OTHER):
            a_contact(connection, number)
        a_decision(connection, NUMBER, text="I am Ada")
        a_decision(connection, NUMBER, text="I am Ada", delivered=False)
        a_decision(connection, OTHER, text="I am Bob", delivered=False)

    erased(engine)

    held = everything(engine)
    assert "Ada" not in held
    assert "Bob" in held
    with reading(engine) as connection:
        delivered = connection.scalars(sa.select(outbox.c.delivered_at)).all()
    moments = {moment and aware(moment) for moment in delivered}
    assert moments == {NOON, LATER, None}
    assert len(delivered) == 3


def test_what_reviewers_noted_goes_and_what_they_found_stays(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        for number in (NUMBER, OTHER):
            a_contact(connection, number)
            message_id = a_decision(connection, number)
            connection.execute(
                sa.insert(reviews).values(
                    review_id=new_id(),
                    decision_id=decision_id_of(connection, message_id),
                    user_id="ada",
                    kind="drawn",
                    verdict="right",
                    note=f"wrote from {number}",
                    reviewed_at=NOON,
                )
            )

    erased(engine)

    with reading(engine) as connection:
        found = connection.execute(sa.select(reviews).order_by(reviews.c.review_id))
        assert [(row.verdict, row.note) for row in found] == [
            ("right", ""),
            ("right", f"wrote from {OTHER}"),
        ]


def test_who_was_suppressed_is_still_known_to_be(engine: sa.Engine) -> None:
    (out,) = recorded(engine, event())

    (left,) = erased(engine).suppressions

    assert standing(engine) == Standing.OPTED_OUT
    assert standing(engine, OTHER) == Standing.UNKNOWN
    assert left.event.about == out.event_id
    assert left.event.suppressed_since == NOON
    assert left.event.actor == "operator:7"
    assert left.event.number is None


def test_the_number_itself_finds_nothing_any_more(engine: sa.Engine) -> None:
    recorded(engine, event())
    erased(engine)

    with reading(engine) as connection:
        assert history(connection, NUMBER) == []
        assert history(connection, NUMBER, pepper=PEPPER[::-1]) == []


def test_consent_whose_proof_was_erased_is_none(engine: sa.Engine) -> None:
    recorded(engine, event(Kind.OPT_IN))

    (left,) = erased(engine).suppressions

    assert standing(engine) == Standing.OPTED_OUT
    assert left.event.about is None
    assert left.event.suppressed_since == LATER


def test_each_program_that_knew_the_number_suppresses_it(engine: sa.Engine) -> None:
    recorded(engine, event(program="news"), event(Kind.OPT_IN))

    erased(engine)

    assert standing(engine, program="alerts") == Standing.OPTED_OUT
    assert standing(engine, program="news") == Standing.OPTED_OUT
    assert standing(engine, program="else") == Standing.UNKNOWN


def test_an_opt_out_of_the_whole_brand_stays_one(engine: sa.Engine) -> None:
    recorded(engine, event(revoke_all=True))

    erased(engine)

    assert standing(engine, program="else") == Standing.OPTED_OUT


def test_a_person_whom_the_ledger_does_not_know_is_suppressed_where_asked(
    engine: sa.Engine,
) -> None:
    told = erased(engine, NUMBER, ("acme", "alerts"), ("acme", "news"))

    assert len(told.suppressions) == 2
    assert standing(engine, program="news") == Standing.OPTED_OUT


def test_asking_twice_changes_nothing(engine: sa.Engine) -> None:
    recorded(engine, event())
    erased(engine, NUMBER, ("acme", "alerts"))

    assert erased(engine, NUMBER, ("acme", "alerts")) == Erased((), 0, 0, 0)


def test_who_comes_back_opts_in_and_may_be_erased_again(engine: sa.Engine) -> None:
    recorded(engine, event())
    erased(engine)
    recorded(
        engine,
        event(
            Kind.OPT_IN,
            source=Source.WEB,
            occurred_at=LATER + timedelta(days=1),
            received_at=LATER + timedelta(days=1),
        ),
    )

    back = standing(engine)
    again = erased(engine)

    assert back == Standing.OPTED_IN
    assert again.entries == 1
    with reading(engine) as connection:
        assert verify(connection).whole


def test_a_yes_from_before_the_erasure_lifts_nothing(engine: sa.Engine) -> None:
    recorded(engine, event())
    erased(engine)
    recorded(engine, event(Kind.OPT_IN, 60, received_at=LATER + timedelta(days=1)))

    assert standing(engine) == Standing.OPTED_OUT


def test_an_erasure_that_was_not_carried_out_is_found(engine: sa.Engine) -> None:
    recorded(engine, event(), event(Kind.NOTE))
    with writing(engine) as connection:
        kept = connection.execute(sa.select(consent_events)).mappings().first()
    assert kept
    erased(engine)
    with writing(engine) as connection:
        guard = "consent_events_update"
        on = " ON consent_events" if engine.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER {guard}{on}")
        connection.execute(
            sa.update(consent_events)
            .where(consent_events.c.sequence == 1)
            .values(number=kept["number"], personal=kept["personal"], salt=kept["salt"])
        )

    with reading(engine) as connection:
        verdict = verify(connection)

    assert [found.flaw for found in verdict.findings] == [Flaw.ERASURE_INCOMPLETE]


def test_a_short_pepper_erases_nothing(engine: sa.Engine) -> None:
    recorded(engine, event())

    with pytest.raises(SettingsError), writing(engine) as connection:
        erase(
            connection,
            NUMBER,
            pepper=b"short",
            actor="operator:7",
            now=lambda: LATER,
            new_id=new_id,
        )

    with reading(engine) as connection:
        assert history(connection, NUMBER)
