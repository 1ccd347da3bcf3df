from datetime import UTC, datetime

import pytest

from serving.routing.case import Case
from serving.routing.decide import decide
from serving.routing.decision import Action, ConsentChange, Decision, ReasonCode
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Reply, Situation
from tests.serving.parrot import READ

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUESTION = "Shall we bring it tomorrow?"


def decided(rules: RuleSet, text: str, **fields: object) -> Decision:
    situation = Situation(**fields)  # type: ignore[arg-type] # as the fields are
    return decide(Reply(text, NOON), situation, rules, READ)


def codes(decision: Decision) -> list[ReasonCode]:
    return [reason.code for reason in decision.reasons]


def effects(decision: Decision) -> list[str]:
    return [effect.type for effect in decision.effects]


@pytest.mark.parametrize(
    ("verdict", "consent", "expected"),
    [
        ("STOP", ConsentChange.OPT_OUT, ["suppress_contact"]),
        ("START", ConsentChange.OPT_IN, ["resume_contact"]),
        ("HELP", None, []),
    ],
)
def test_what_the_provider_did_is_followed_in_silence(
    rules: RuleSet, verdict: str, consent: ConsentChange | None, expected: list[str]
) -> None:
    decision = decided(rules, verdict, provider_verdict=verdict)

    assert (decision.action, decision.reply) == (Action.SILENT, None)
    assert decision.consent is consent
    assert effects(decision) == expected
    assert codes(decision) == [ReasonCode.PROVIDER_ANSWERS]


@pytest.mark.parametrize("text", ["CANCEL", "END", "Stop by at 3?"])
def test_what_a_provider_stopped_at_and_may_mean_more_is_looked_at(
    rules: RuleSet, text: str
) -> None:
    decision = decided(rules, text, provider_verdict="STOP")

    assert decision.consent is ConsentChange.OPT_OUT
    assert decision.reply is None
    assert effects(decision) == ["suppress_contact", "create_task"]
    assert codes(decision)[-1] is ReasonCode.AMBIGUOUS_KEYWORD


def test_the_provider_confirms_its_keywords_and_no_others(rules: RuleSet) -> None:
    keyword = decided(rules, "STOP", provider_confirms=True)
    beside = decided(rules, "wrong number, stop", provider_confirms=True)

    assert keyword.reply is None
    assert keyword.action is Action.SILENT
    assert codes(keyword)[-1] is ReasonCode.PROVIDER_ANSWERS
    assert effects(keyword) == ["suppress_contact"]
    assert beside.consent is ConsentChange.OPT_OUT
    assert beside.reply is not None


@pytest.mark.parametrize("text", ["Stop", " UNSUBSCRIBE\n", "cancel", "End", "quit"])
def test_what_every_provider_knows_is_left_to_it(rules: RuleSet, text: str) -> None:
    assert decided(rules, text, provider_confirms=True).reply is None


@pytest.mark.parametrize(
    "text",
    [
        "take me off your list",
        "no mas",
        "S T O P",
        "stop please",
        "🛑",
        "sotp",
        "STOP!",
    ],
)
def test_what_only_we_take_for_an_opt_out_is_ours_to_confirm(
    rules: RuleSet, text: str
) -> None:
    decision = decided(rules, text, provider_confirms=True)

    assert decision.consent is ConsentChange.OPT_OUT
    assert decision.reply is not None
    assert ReasonCode.PROVIDER_ANSWERS not in codes(decision)


@pytest.mark.parametrize("text", ["STOP", "START", "CANCEL"])
def test_what_comes_after_a_later_change_says_nothing(
    rules: RuleSet, text: str
) -> None:
    decision = decided(rules, text, superseded=True)

    assert decision.reply is None
    assert codes(decision)[-1] is ReasonCode.SUPERSEDED


@pytest.mark.parametrize("text", ["YES", "yes please", "si"])
def test_a_yes_to_our_question_lifts_no_opt_out(rules: RuleSet, text: str) -> None:
    decision = decided(rules, text, consent=Consent.OPTED_OUT, last_message=QUESTION)

    assert decision.consent is None
    assert (decision.action, decision.reply) == (Action.ESCALATE, None)
    assert decision.queue == rules.policy.fallback.queue
    assert effects(decision) == ["handoff"]
    assert codes(decision) == [ReasonCode.CONSENT_CLOSED]


@pytest.mark.parametrize("last_message", [None, "Your order is on its way."])
def test_a_yes_to_nothing_that_we_know_of_lifts_no_opt_out(
    rules: RuleSet, last_message: str | None
) -> None:
    # A webhook tells nothing of our last message: it may have been our own question
    # whether to stop, to which a second "yes" is one more opt-out.
    decision = decided(
        rules, "YES", consent=Consent.OPTED_OUT, last_message=last_message
    )

    assert (decision.action, decision.consent) == (Action.ESCALATE, None)
    assert effects(decision) == ["handoff"]


@pytest.mark.parametrize("template", ["opt_out_confirmation", "opt_out_presumed"])
def test_a_yes_to_our_confirmation_lifts_no_opt_out(
    rules: RuleSet, template: str
) -> None:
    # It asks nothing that a "yes" answers: whoever wants to come back writes START. It
    # tells the address of support, which may hold a "?".
    values = {"support": "example.com/help?id=1"}
    case = Case(Reply("YES", NOON), Situation(variables=values), rules)
    ours = case.system_words(template, "en")
    assert ours is not None
    assert "?" in ours.text

    decision = decided(
        rules,
        "YES",
        consent=Consent.OPTED_OUT,
        last_message=ours.text,
        variables=values,
    )

    assert decision.consent is None


def test_a_yes_that_the_provider_took_for_start_lifts_an_opt_out(
    rules: RuleSet,
) -> None:
    decision = decided(
        rules, "YES", consent=Consent.OPTED_OUT, provider_verdict="START"
    )

    assert decision.consent is ConsentChange.OPT_IN


def test_start_lifts_whatever_we_asked(rules: RuleSet) -> None:
    decision = decided(rules, "START", consent=Consent.OPTED_OUT, last_message=QUESTION)

    assert decision.consent is ConsentChange.OPT_IN


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("brand", ["Fernhill", "Fern?hill"])
def test_a_yes_to_our_invitation_to_come_back_is_an_opt_in(
    rules: RuleSet, language: str, brand: str
) -> None:
    values = {"brand": brand}
    asked = Case(Reply("YES", NOON), Situation(variables=values), rules)
    words = asked.system_words(rules.policy.system.ask_opt_in, language)
    assert words is not None

    decision = decided(
        rules,
        "YES",
        consent=Consent.OPTED_OUT,
        last_message=words.text,
        variables=values,
    )

    assert decision.consent is ConsentChange.OPT_IN
