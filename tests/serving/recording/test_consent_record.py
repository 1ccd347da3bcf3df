from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from serving.ledger.event import Kind, Scope, SentBy, Source
from serving.ledger.state import Standing
from serving.live import LiveBundle
from serving.recording.arrival import Arrival, Read
from serving.recording.consent_record import (
    clarification,
    confirmed,
    consent_events,
    deadline_of,
)
from serving.recording.standing import consent_now
from serving.routing.decide import decide
from serving.routing.decision import AlsoIntent, Decision
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation
from tests.serving.doorstep import OURS, PERSON, program
from tests.serving.ledger.making import NOON, event, numbered
from tests.serving.parrot import READ
from tests.serving.providers.senders import SENDERS

SHOP = program(SENDERS["twilio"])


def read(live: LiveBundle, text: str, **fields: object) -> Read:
    arrival = Arrival(
        "SM1",
        PERSON,
        OURS,
        text,
        NOON,
        came_at=NOON + timedelta(seconds=2),
        provider="twilio",
    )
    return Read(replace(arrival, **fields), live, READ)  # type: ignore[arg-type] # as they are


def decided(rules: RuleSet, text: str, **fields: object) -> Decision:
    situation = Situation(**fields)  # type: ignore[arg-type] # as the fields are
    return decide(Reply(text, NOON), situation, rules, READ)


def new_id() -> str:
    return f"id-{next(_NUMBERS)}"


_NUMBERS = count()


def test_a_stop_is_recorded_whole(parrot: LiveBundle) -> None:
    decision = decided(parrot.rules, "STOP")
    opt_out, honored = consent_events(read(parrot, "STOP"), decision, [], SHOP, new_id)

    assert (opt_out.kind, honored.kind) == (Kind.OPT_OUT, Kind.HONORED)
    assert (opt_out.text, opt_out.normalized_text) == ("STOP", "STOP")
    assert (opt_out.matched, opt_out.detector) == ("stop (en)", "keywords")
    assert opt_out.detector_version == "sha256:parrot"
    assert opt_out.source is Source.SMS_KEYWORD
    assert (opt_out.occurred_at, opt_out.received_at) == (
        NOON,
        NOON + timedelta(seconds=2),
    )
    assert opt_out.revoke_all is True
    assert opt_out.deadline == date(2026, 12, 8)
    assert (honored.about, honored.text) == (opt_out.event_id, None)


def test_a_start_alone_widens_no_consent(parrot: LiveBundle) -> None:
    place = {"number": PERSON, "brand": SHOP.brand, "program": SHOP.program_id}
    said = [
        event(Kind.OPT_IN, -9, scope=Scope.TRANSACTIONAL, event_id="in", **place),
        event(Kind.OPT_OUT, -5, event_id="out", **place),
    ]
    decision = decided(parrot.rules, "START")

    [back] = consent_events(
        read(parrot, "START"), decision, numbered(*said), SHOP, new_id
    )

    now = consent_now(numbered(*said, replace(back, event_id="back")), SHOP)
    assert now.transactional.standing is Standing.OPTED_IN
    assert now.marketing.standing is Standing.OPTED_OUT


def test_a_first_start_is_consent_to_all(parrot: LiveBundle) -> None:
    decision = decided(parrot.rules, "START")

    [given] = consent_events(read(parrot, "START"), decision, [], SHOP, new_id)

    assert (given.kind, given.scope) == (Kind.OPT_IN, Scope.ALL)


def test_what_the_provider_acted_on_names_it(parrot: LiveBundle) -> None:
    decision = decided(parrot.rules, "STOP", provider_verdict="STOP")
    brought = read(parrot, "STOP", provider_verdict="STOP")

    opt_out, _ = consent_events(brought, decision, [], SHOP, new_id)

    assert (opt_out.source, opt_out.detector) == (Source.PROVIDER, "twilio")
    assert opt_out.provider_verdict == "STOP"


def test_a_confirmation_names_the_opt_out_and_who_sent_it(parrot: LiveBundle) -> None:
    decision = decided(parrot.rules, "STOP")
    opt_out, _ = consent_events(read(parrot, "STOP"), decision, [], SHOP, new_id)

    sent = confirmed(opt_out, NOON, SentBy.PROVIDER)

    assert (sent.kind, sent.about) == (Kind.CONFIRMATION_SENT, opt_out.event_id)
    assert sent.sent_by is SentBy.PROVIDER


@pytest.mark.parametrize(
    ("confidence", "kind"), [(0.9, Kind.WRONG_PARTY), (0.3, Kind.OPT_OUT)]
)
def test_a_wrong_number_beside_a_stop_is_marked_where_it_is_sure(
    parrot: LiveBundle, confidence: float, kind: Kind
) -> None:
    live = replace(
        parrot, rules=replace(parrot.rules, thresholds={"wrong_person": 0.5})
    )
    decision = replace(
        decided(live.rules, "wrong number, stop"),
        also=(AlsoIntent("wrong_person", confidence),),
    )

    events = consent_events(
        read(live, "wrong number, stop"), decision, [], SHOP, new_id
    )

    assert events[0].kind is kind


def test_what_changes_nothing_is_no_event(parrot: LiveBundle) -> None:
    decision = decided(parrot.rules, "what are your hours")

    assert consent_events(read(parrot, "hours"), decision, [], SHOP, new_id) == []
    assert clarification(read(parrot, "hours"), decision, SHOP) is None


@pytest.mark.parametrize("text", ["yes", "no"])
def test_an_answer_to_whether_to_stop_is_recorded(
    parrot: LiveBundle, text: str
) -> None:
    decision = decided(parrot.rules, text, asked_opt_out=True)

    answered = clarification(read(parrot, text), decision, SHOP)

    assert answered is not None
    assert answered.kind is Kind.CLARIFICATION_ANSWERED


def test_the_deadline_is_that_of_the_country() -> None:
    assert deadline_of(NOON, SHOP) == date(2026, 12, 8)
    assert deadline_of(NOON, replace(SHOP, country="AU")) == date(2026, 11, 30)
