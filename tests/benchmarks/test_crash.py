"""The plan is the same for the same seed, and the audit finds what is wrong."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.crash import Figures, told
from benchmarks.crash_audit import Audit, Claim, audit, undecided
from benchmarks.crash_plan import Sent, kill_at, plan, planned
from serving.ids import new_id
from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Kind, Scope, Source
from serving.store.database import engine_of, writing
from serving.store.tables import decisions, messages_in, messages_out, outbox
from tests.databases import store

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STOP = Sent("SM1", "+12125550100", "STOP", opt_out=True, of="SM1")
TWIN = Sent("SM2", "+12125550100", "STOP", opt_out=True, of="SM1")
HELP = Sent("SM3", "+12125550101", "HELP", opt_out=False, of="SM3")
SENT = {sent.sid: sent for sent in (STOP, TWIN, HELP)}
HEARD = {"SM1": 1, "SM2": 0, "SM3": 0}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    """Give a store in which everything is as it must be."""
    with store("sqlite", tmp_path) as url:
        engine = engine_of(url)
        with writing(engine) as found:
            came_in(found, STOP, "k1")
            came_in(found, TWIN, "k2", as_key="k1")
            came_in(found, HELP, "k3")
            decide(found, "k1", "d1", via="webhook")
            decide(found, "k3", "d3", via="outbox")
            opt_out(found, "SM1")
            yield found
        engine.dispose()


def came_in(
    connection: sa.Connection, sent: Sent, key: str, as_key: str | None = None
) -> None:
    row = {
        "key": key,
        "program": "measured",
        "provider": "twilio",
        "message_id": sent.sid,
        "number": sent.number,
        "sender": "+12025550142",
        "channel": "sms",
        "text": sent.text,
        "text_digest": sent.text,
        "media": 0,
        "sent_at": AT,
        "received_at": AT,
        "decided_as": as_key or key,
    }
    connection.execute(sa.insert(messages_in).values(row))


def decide(connection: sa.Connection, key: str, decision_id: str, *, via: str) -> None:
    connection.execute(
        sa.insert(decisions).values(
            message_id=key,
            decision_id=decision_id,
            conversation_id="c",
            received_at=AT,
            recorded_at=AT,
            bundle="b",
            inputs="{}",
            decision="{}",
        )
    )
    row = {
        "message_id": new_id(),
        "decision_id": decision_id,
        "program": "measured",
        "number": "n",
        "sender": "s",
        "class": "answer",
        "template": "t",
        "text": "words",
        "segments": 1,
        "via": via,
        "checked_at": AT,
        "not_before": AT,
    }
    connection.execute(sa.insert(messages_out).values(row))
    if via == "outbox":
        effect(connection, decision_id)


def effect(connection: sa.Connection, decision_id: str) -> None:
    connection.execute(
        sa.insert(outbox).values(
            effect_id=new_id(),
            decision_id=decision_id,
            type="send_message",
            payload="{}",
            created_at=AT,
        )
    )


def opt_out(connection: sa.Connection, sid: str) -> None:
    """Record an opt-out of the message, and that it is honoured."""
    event_id = new_id()
    shared = {
        "number": STOP.number,
        "brand": "Fernhill",
        "program": "measured",
        "scope": Scope.ALL,
        "occurred_at": AT,
        "received_at": AT,
        "actor": "replywise",
    }
    events = [
        ConsentEvent(
            **shared,  # type: ignore[arg-type] # one type for all
            kind=Kind.OPT_OUT,
            source=Source.SMS_KEYWORD,
            event_id=event_id,
            provider_message_id=sid,
        ),
        ConsentEvent(
            **shared,  # type: ignore[arg-type] # as above
            kind=Kind.HONORED,
            source=Source.SYSTEM,
            about=event_id,
        ),
    ]
    append(connection, events, now=lambda: AT, new_id=new_id)


def broken(found: Audit) -> list[str]:
    return [claim.says for claim in found.claims if claim.broken_by]


def test_a_store_without_faults_is_whole(connection: sa.Connection) -> None:
    found = audit(connection, SENT, HEARD)

    assert broken(found) == []
    assert found.whole
    assert (found.opt_outs, found.answers, found.unheard) == (1, 2, 0)
    assert undecided(connection) == 0


def again(connection: sa.Connection) -> None:
    came_in(connection, HELP, "k4", as_key="k3")


def twin_decided(connection: sa.Connection) -> None:
    change_twin = sa.update(messages_in).where(messages_in.c.key == "k2")
    connection.execute(change_twin.values(decided_as="k2"))
    decide(connection, "k2", "d2", via="caller")


def lost(connection: sa.Connection) -> None:
    connection.execute(sa.delete(messages_in).where(messages_in.c.key == "k2"))


def left(connection: sa.Connection) -> None:
    change = sa.update(messages_in).where(messages_in.c.key == "k2")
    connection.execute(change.values(decided_as=None))


def strange(connection: sa.Connection) -> None:
    came_in(connection, Sent("SM9", "n", "t", opt_out=False, of="SM9"), "k3b", "k3")


def opted_out_twice(connection: sa.Connection) -> None:
    opt_out(connection, "SM2")


def said_and_sent(connection: sa.Connection) -> None:
    effect(connection, "d1")


def sent_twice(connection: sa.Connection) -> None:
    effect(connection, "d3")


def cut(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DROP TRIGGER ledger_head_update")
    connection.exec_driver_sql("UPDATE ledger_head SET sequence = 9")


@pytest.mark.parametrize(
    ("harm", "claim"),
    [
        (lost, "every acknowledged message is in the store"),
        (again, "no message is there twice"),
        (strange, "nothing else is there"),
        (left, "every message is decided"),
        (twin_decided, "no message is decided twice"),
        (opted_out_twice, "no opt-out is there twice"),
        (said_and_sent, "nobody got two answers to one message"),
        (sent_twice, "nobody got two answers to one message"),
        (cut, "the chain verifies"),
    ],
)
def test_a_fault_breaks_its_claim(
    connection: sa.Connection, harm: Callable[[sa.Connection], None], claim: str
) -> None:
    harm(connection)

    found = audit(connection, SENT, HEARD)

    assert claim in broken(found)
    assert not found.whole


def test_an_opt_out_that_is_in_no_entry_is_found(connection: sa.Connection) -> None:
    other = Sent("SM3", HELP.number, "STOP", opt_out=True, of="SM3")

    found = audit(connection, {**SENT, "SM3": other}, HEARD)

    assert broken(found) == ["every opt-out is in the ledger"]


def test_an_answer_that_is_not_on_record_is_found(connection: sa.Connection) -> None:
    found = audit(connection, SENT, {**HEARD, "SM3": 1})

    assert "every answer is on record" in broken(found)


def test_two_that_came_over_a_minute_apart_are_two(connection: sa.Connection) -> None:
    later = sa.update(messages_in).where(messages_in.c.key == "k2")
    later = later.values(received_at=AT + timedelta(seconds=61))
    connection.execute(later)
    twin_decided(connection)
    opt_out(connection, "SM2")

    assert broken(audit(connection, SENT, HEARD)) == []


def test_an_answer_that_a_kill_cut_off_is_counted(connection: sa.Connection) -> None:
    found = audit(connection, SENT, {**HEARD, "SM1": 0})

    assert found.whole
    assert found.unheard == 1


def test_what_does_not_hold_is_told_with_its_messages() -> None:
    claims = (Claim("it holds", ()), Claim("it does not", ("SM1", "SM2")))
    found = Audit(claims, opt_outs=1, answers=2, unheard=0)

    lines = list(told("sqlite", 3, Figures(kills=4, retries=5), found))

    assert lines[0] == "sqlite: 3 messages, 0 deliveries"
    assert "4 kills, 5 retries" in lines[1]
    assert lines[-2:] == ["  it holds: yes", "  it does not: NO, 2: SM1, SM2"]


def test_the_plan_is_the_same_for_the_same_seed() -> None:
    assert plan(200, seed=3) == plan(200, seed=3)
    assert plan(200, seed=3) != plan(200, seed=4)
    assert kill_at(200, 5, seed=3) == kill_at(200, 5, seed=3)


def test_the_plan_holds_each_message_and_one_opt_out_a_contact() -> None:
    messages = planned(plan(2000, seed=3))

    originals = [sent for sent in messages.values() if sent.of == sent.sid]
    opted_out = [sent.number for sent in originals if sent.opt_out]
    assert len(originals) == 2000
    assert len(opted_out) == len(set(opted_out))
    assert 0.03 < len(opted_out) / 2000 < 0.07


def test_the_plan_repeats_some_and_moves_some() -> None:
    groups = plan(2000, seed=3)

    deliveries = [sent.sid for group in groups for sent in group]
    numbers = [group[0].number for group in groups]
    assert len(deliveries) > len(set(deliveries)) > 2000
    assert numbers != sorted(numbers)
