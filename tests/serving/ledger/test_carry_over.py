from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.ids import new_id
from serving.ledger.carry_over import ProgramOf, carry_over
from serving.ledger.event import Kind, Source
from serving.ledger.history import history
from serving.ledger.texts import forget_texts
from serving.ledger.verify import verify
from serving.routing.situation import Consent
from serving.store.database import reading, writing
from tests.serving.ledger.making import NOON, NUMBER
from tests.serving.ledger.record import SENDER, a_contact, a_decision

LATER = NOON + timedelta(days=9)


def program_of(sender: str) -> tuple[str, str] | None:
    return ("acme", "alerts") if sender == SENDER else None


def carried(
    engine: sa.Engine, program_of: ProgramOf = program_of, together: int = 500
) -> int:
    return carry_over(
        engine, program_of, now=lambda: LATER, new_id=new_id, together=together
    )


def test_an_opt_out_of_before_the_ledger_is_carried_over_with_its_words(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        a_contact(connection, NUMBER, Consent.OPTED_OUT, changed_at=NOON)
        a_decision(connection, NUMBER, text="hi", at=NOON - timedelta(minutes=1))
        stop = a_decision(connection, NUMBER, text="STOP", at=NOON, consent="opt_out")

    assert carried(engine) == 1

    with reading(engine) as connection:
        (entry,) = history(connection, NUMBER)
        assert verify(connection).whole
    assert entry.event.kind is Kind.OPT_OUT
    assert entry.event.source is Source.IMPORT
    assert entry.event.occurred_at == NOON
    assert (entry.event.text, entry.event.provider_message_id) == ("STOP", stop)
    assert entry.recorded_at == LATER


def test_a_second_run_carries_nothing(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_contact(connection, NUMBER, Consent.OPTED_OUT, changed_at=NOON)

    assert [carried(engine), carried(engine)] == [1, 0]


def test_a_run_that_carries_nothing_waits_for_nobody_who_writes(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        a_contact(connection, NUMBER, Consent.OPTED_OUT, changed_at=NOON)
    carried(engine)

    with writing(engine):
        assert carried(engine) == 0


def test_what_another_machine_carried_meanwhile_is_not_carried_again(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        a_contact(connection, NUMBER, Consent.OPTED_OUT, changed_at=NOON)
    others: list[int] = []

    def meanwhile(sender: str) -> tuple[str, str] | None:
        if not others:
            others.append(carried(engine))
        return program_of(sender)

    assert (carried(engine, meanwhile), others) == (0, [1])


@pytest.mark.parametrize("together", [1, 2, 3, 4, 5])
def test_many_are_carried_in_parts_and_all_that_is_of_one_person_at_once(
    engine: sa.Engine, together: int
) -> None:
    other = "+15550777"
    places = {SENDER: ("acme", "alerts"), other: ("acme", "alerts")}
    with writing(engine) as connection:
        for number in ("+15550101", "+15550102", "+15550103"):
            a_contact(connection, number, Consent.OPTED_OUT, changed_at=NOON)
        a_contact(
            connection, "+15550102", Consent.OPTED_OUT, changed_at=NOON, sender=other
        )

    assert carried(engine, places.get, together) == 4
    assert carried(engine, places.get, together) == 0
    with reading(engine) as connection:
        assert len(history(connection, "+15550102")) == 2
        assert verify(connection).whole


def test_a_program_that_is_known_later_gets_what_another_one_had_already(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        for sender in (SENDER, "+15550777"):
            a_contact(
                connection, NUMBER, Consent.OPTED_OUT, changed_at=NOON, sender=sender
            )
    carried(engine)

    assert carried(engine, lambda _: ("acme", "news")) == 2


def test_an_opt_in_is_carried_and_who_never_said_anything_is_not(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        a_contact(connection, NUMBER, Consent.SUBSCRIBED, changed_at=NOON)
        a_contact(connection, "+15550111", Consent.SUBSCRIBED)

    assert carried(engine) == 1
    with reading(engine) as connection:
        assert history(connection, NUMBER)[0].event.kind is Kind.OPT_IN


def test_an_opt_out_without_a_moment_counts_from_now(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_contact(connection, NUMBER, Consent.OPTED_OUT)

    carried(engine)

    with reading(engine) as connection:
        assert history(connection, NUMBER)[0].event.occurred_at == LATER


def test_a_number_of_no_program_waits_until_one_names_it(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_contact(
            connection, NUMBER, Consent.OPTED_OUT, changed_at=NOON, sender="+15550777"
        )

    assert carried(engine) == 0


def test_words_that_were_forgotten_are_not_made_up(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_contact(connection, NUMBER, Consent.OPTED_OUT, changed_at=NOON)
        a_decision(connection, NUMBER, text="STOP", at=NOON, consent="opt_out")
        forget_texts(connection, before=LATER)

    carried(engine)

    with reading(engine) as connection:
        assert history(connection, NUMBER)[0].event.text is None
