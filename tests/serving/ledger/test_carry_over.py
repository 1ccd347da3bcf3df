from datetime import timedelta

import sqlalchemy as sa

from serving.ids import new_id
from serving.ledger.carry_over import carry_over
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


def carried(engine: sa.Engine) -> int:
    with writing(engine) as connection:
        return carry_over(connection, program_of, now=lambda: LATER, new_id=new_id)


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
