from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from serving.ids import new_id
from serving.ledger.event import ConsentEvent, Entry, SentBy
from serving.live import LiveBundle
from serving.programs.program import Program, StopConfirmer
from serving.recording.arrival import Arrival, Read, Waiter
from serving.recording.consent_record import confirmed, consent_events
from serving.recording.release import Released, release
from serving.recording.setup import built_in
from serving.routing.decide import decide
from serving.routing.decision import Action, ReasonCode
from serving.routing.situation import Consent, Reply, Situation
from serving.sending.facts import MessageClass
from tests.serving.doorstep import OURS, PERSON, program
from tests.serving.ledger.making import NOON
from tests.serving.parrot import READ
from tests.serving.providers.senders import SENDERS

SHOP = program(SENDERS["twilio"])
QUIET_HOURS = built_in().quiet_hours


def entries(events: Sequence[ConsentEvent]) -> list[Entry]:
    return [Entry(e, n, NOON, "", "") for n, e in enumerate(events, 1)]


def let_out(
    live: LiveBundle,
    text: str,
    *,
    shop: Program = SHOP,
    sender: str = OURS,
    late: float = 0,
    before: Sequence[ConsentEvent] = (),
    consent: Consent = Consent.SUBSCRIBED,
) -> Released:
    """Decide about `text` and let its words out so many minutes later."""
    arrival = Arrival("SM1", PERSON, sender, text, NOON, provider="twilio")
    read = Read(arrival, live, READ)
    situation = Situation(consent=consent, variables=shop.values())
    decision = decide(Reply(text, NOON), situation, live.rules, READ)
    events = consent_events(read, decision, entries(before), shop, new_id)
    known = entries(
        [*before, *(replace(e, event_id=e.event_id or "x") for e in events)]
    )
    now = NOON + timedelta(minutes=late)
    return release(read, decision, known, shop, QUIET_HOURS, now)


@pytest.fixture
def answering(parrot: LiveBundle) -> LiveBundle:
    return replace(parrot, rules=replace(parrot.rules, thresholds={"store_info": 0.5}))


def stopped(live: LiveBundle) -> list[ConsentEvent]:
    read = Read(Arrival("SM0", PERSON, OURS, "STOP", NOON), live, READ)
    decision = decide(Reply("STOP", NOON), Situation(), live.rules, READ)
    opt_out, honored = consent_events(read, decision, [], SHOP, new_id)
    sent = confirmed(opt_out, NOON, SentBy.US)
    return [opt_out, replace(honored, event_id="h"), replace(sent, event_id="c")]


def test_the_confirmation_passes_the_check_that_it_closes(parrot: LiveBundle) -> None:
    released = let_out(parrot, "STOP")

    assert released.decision.reply is not None
    assert released.message_class is MessageClass.COMPLIANCE
    assert released.not_before == NOON
    assert released.not_after == NOON + timedelta(minutes=5)


@pytest.mark.parametrize(("minutes", "goes_out"), [(4.9, True), (5, False)])
def test_after_five_minutes_it_is_not_sent(
    parrot: LiveBundle, minutes: float, *, goes_out: bool
) -> None:
    released = let_out(parrot, "STOP", late=minutes)

    assert (released.decision.reply is not None) is goes_out
    if not goes_out:
        assert released.decision.action is Action.SILENT
        assert released.decision.reasons[-1].code is ReasonCode.WITHHELD


def test_it_is_sent_once(parrot: LiveBundle) -> None:
    before = stopped(parrot)
    again = let_out(parrot, "STOP", before=before, consent=Consent.OPTED_OUT)
    code = let_out(
        parrot, "STOP", before=before, consent=Consent.OPTED_OUT, sender="72345"
    )

    assert again.decision.reply is None
    assert again.decision.reasons[-1].detail == "already_confirmed"
    # Carriers ask of short codes that they answer each STOP.
    assert code.decision.reply is not None


def test_an_opt_out_in_other_words_is_ours_to_confirm(parrot: LiveBundle) -> None:
    shop = replace(SHOP, stop_confirmer=StopConfirmer.PROVIDER)

    assert let_out(parrot, "wrong number, stop", shop=shop).decision.reply is not None


@pytest.mark.parametrize(
    ("sender", "answered"), [(OURS, True), ("72345", True), ("+18005550199", False)]
)
def test_help_is_answered_but_on_toll_free_numbers(
    parrot: LiveBundle, sender: str, *, answered: bool
) -> None:
    before = stopped(parrot)
    released = let_out(
        parrot, "HELP", before=before, consent=Consent.OPTED_OUT, sender=sender
    )

    assert (released.decision.reply is not None) is answered


def test_an_answer_waits_for_the_morning_where_the_program_says_so(
    answering: LiveBundle,
) -> None:
    shop = replace(SHOP, answers_in_quiet_hours=False)
    night = 18 * 60
    waiting = let_out(answering, "your hours", shop=shop, late=night)
    at_once = let_out(answering, "your hours", late=night)

    assert waiting.not_before is not None
    assert waiting.not_before > NOON + timedelta(minutes=night)
    assert at_once.not_before == NOON + timedelta(minutes=night)


def test_one_of_the_two_brings_the_words() -> None:
    waiter = Waiter()

    assert [waiter.settle() for _ in range(3)] == [True, False, False]
