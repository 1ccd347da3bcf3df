from collections.abc import Sequence
from datetime import timedelta

import pytest

from serving.ledger.event import ConsentEvent, Entry, Kind, Scope, Source
from serving.programs.program import ConsentScope
from serving.recording.standing import (
    as_it_stands,
    facts,
    routing_consent,
    scope_back,
    superseded,
)
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    Effect,
    Reason,
    ReasonCode,
)
from serving.routing.situation import Consent
from tests.serving.doorstep import program
from tests.serving.ledger.making import NOON, event
from tests.serving.providers.senders import SENDERS

SHOP = program(SENDERS["twilio"])
STOP, START = Kind.OPT_OUT, Kind.OPT_IN
MARKETING, TRANSACTIONAL = Scope.MARKETING, Scope.TRANSACTIONAL


def entries(*events: ConsentEvent) -> list[Entry]:
    return [Entry(e, n, NOON, "", "") for n, e in enumerate(events, 1)]


def said(kind: Kind, minutes: float, **fields: object) -> ConsentEvent:
    values: dict[str, object] = {
        "brand": SHOP.brand,
        "program": SHOP.program_id,
        "event_id": f"{kind}-{minutes}",
        **fields,
    }
    return event(kind, minutes, **values)


def confirmed(minutes: float) -> ConsentEvent:
    about = f"{STOP}-{minutes}"
    return said(Kind.CONFIRMATION_SENT, minutes, about=about)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), Consent.SUBSCRIBED),
        ((said(STOP, 0),), Consent.OPTED_OUT),
        ((said(STOP, 0), said(START, 1)), Consent.SUBSCRIBED),
        ((said(START, 1), said(STOP, 0)), Consent.SUBSCRIBED),
        ((said(STOP, 1), said(START, 0)), Consent.OPTED_OUT),
        ((said(STOP, 1), said(START, 1)), Consent.OPTED_OUT),
        ((said(STOP, 0, brand="Oakmoor", revoke_all=True),), Consent.SUBSCRIBED),
        ((said(STOP, 0, program="visits", revoke_all=True),), Consent.OPTED_OUT),
        ((said(STOP, 0, program="visits"),), Consent.SUBSCRIBED),
    ],
)
def test_the_latest_date_counts_and_only_the_own_brand(
    events: Sequence[ConsentEvent], expected: Consent
) -> None:
    assert routing_consent(entries(*events), SHOP) is expected


def test_a_reply_is_superseded_by_a_later_change_only() -> None:
    known = entries(said(STOP, 5), said(Kind.HONORED, 9))

    assert superseded(known, SHOP, NOON)
    assert not superseded(known, SHOP, NOON + timedelta(minutes=5))


def test_an_opt_in_dated_ahead_supersedes_nothing_that_came_after_it() -> None:
    known = entries(said(START, 60, received_at=NOON))

    assert not superseded(known, SHOP, NOON + timedelta(minutes=5))


def test_an_opt_in_dated_ahead_leaves_a_later_opt_out_to_confirm() -> None:
    told = facts(entries(said(START, 60, received_at=NOON), said(STOP, 5)), SHOP)

    assert told.opt_out is not None
    assert told.opt_out.event_id == f"{STOP}-5"


def test_an_opt_in_dated_ahead_is_since_it_came_to_the_check_too() -> None:
    told = facts(entries(said(START, 60, received_at=NOON)), SHOP)

    assert told.consent[ConsentScope.TRANSACTIONAL].since == NOON


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), Scope.ALL),
        ((said(STOP, 0),), Scope.ALL),
        ((said(START, 0),), Scope.ALL),
        ((said(START, 0), said(STOP, 1)), Scope.ALL),
        # What is not marketing needs no opt-in, so there is nothing that this widens.
        ((said(START, 0, scope=MARKETING), said(STOP, 1)), Scope.ALL),
        ((said(START, 0, scope=TRANSACTIONAL),), TRANSACTIONAL),
        ((said(START, 0, scope=TRANSACTIONAL), said(STOP, 1)), TRANSACTIONAL),
        (
            (said(START, 0, scope=TRANSACTIONAL), said(STOP, 1), said(STOP, 2)),
            TRANSACTIONAL,
        ),
        # Marketing was left by itself: it comes back, unless a STOP found it closed.
        ((said(START, 0), said(STOP, 1, scope=MARKETING)), Scope.ALL),
        (
            (said(START, 0), said(STOP, 1, scope=MARKETING), said(STOP, 2)),
            TRANSACTIONAL,
        ),
        ((said(STOP, 0), said(START, 1, scope=TRANSACTIONAL)), TRANSACTIONAL),
        ((said(START, 0, scope=TRANSACTIONAL, program="visits"),), Scope.ALL),
        ((said(START, 0, scope=TRANSACTIONAL, brand="Oakmoor"),), Scope.ALL),
    ],
)
def test_a_start_brings_back_what_stood_before_the_opt_out(
    events: Sequence[ConsentEvent], expected: Scope
) -> None:
    assert scope_back(entries(*events), SHOP) is expected


@pytest.mark.parametrize(
    ("events", "each", "expected"),
    [
        ((said(STOP, 0),), False, False),
        ((said(STOP, 0), confirmed(0)), False, True),
        ((said(STOP, 0), confirmed(0), said(STOP, 5)), False, True),
        ((said(STOP, 0), confirmed(0), said(STOP, 5)), True, False),
        ((said(STOP, 0), confirmed(0), said(START, 2), said(STOP, 5)), False, False),
        ((said(STOP, 0), said(STOP, 5)), False, False),
    ],
)
def test_a_confirmation_holds_until_the_next_opt_in(
    events: Sequence[ConsentEvent], *, each: bool, expected: bool
) -> None:
    opt_out = facts(entries(*events), SHOP, confirms_each=each).opt_out

    assert opt_out is not None
    assert opt_out.confirmed is expected


def test_who_came_back_has_no_opt_out_to_confirm() -> None:
    assert facts(entries(said(STOP, 0), said(START, 1)), SHOP).opt_out is None


def test_wrong_numbers_and_blocks_are_told() -> None:
    wrong = facts(entries(said(Kind.WRONG_PARTY, 0)), SHOP)
    blocked = facts(entries(said(STOP, 0, source=Source.PROVIDER)), SHOP)

    assert wrong.wrong_number == f"{Kind.WRONG_PARTY}-0"
    assert blocked.provider_suppressed == f"{STOP}-0"


def decision(consent: ConsentChange | None) -> Decision:
    return Decision(
        intent="opt_out",
        confidence=1,
        alternatives=(),
        sentiment=None,
        sentiment_confidence=None,
        language="en",
        decided_by=DecidedBy.KEYWORD,
        action=Action.SILENT,
        consent=consent,
        reply=None,
        queue=None,
        priority=None,
        effects=(Effect("suppress_contact", {}), Effect("create_task", {})),
        reasons=(Reason(ReasonCode.KEYWORD, "stop (en)"),),
    )


def test_what_changes_something_stays_as_it_is() -> None:
    made = decision(ConsentChange.OPT_OUT)

    assert as_it_stands(made, entries(said(STOP, 0)), SHOP) is made
    assert as_it_stands(decision(None), [], SHOP) == decision(None)


@pytest.mark.parametrize(
    ("consent", "events"),
    [
        (ConsentChange.OPT_OUT, (said(STOP, 0), said(START, 1))),
        (ConsentChange.OPT_IN, (said(START, 0), said(STOP, 1))),
    ],
)
def test_what_changes_nothing_tells_nobody_to_act(
    consent: ConsentChange, events: Sequence[ConsentEvent]
) -> None:
    stands = as_it_stands(decision(consent), entries(*events), SHOP)

    assert stands.consent is None
    assert [effect.type for effect in stands.effects] == ["create_task"]
    assert stands.reasons[-1].code is ReasonCode.SUPERSEDED
