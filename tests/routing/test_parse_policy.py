from datetime import date, time
from pathlib import Path

import pytest

from model.errors import RulesError
from serving.routing.decision import Priority
from serving.routing.parse_policy import parse_policy
from serving.routing.policy import (
    MAX_WRONG_PER_INTENT,
    Answer,
    Costs,
    OptOutPolicy,
    Policy,
    Role,
)
from serving.routing.yaml_file import YamlFile

WHOLE = """
version: 1
limits: {max_wrong_replies: 0.01, assurance: 0.95}
automatic_replies_per_hour: 5
negative_sentiment: negative
opt_out: {sure_from: 0.9, suppress_from: 0.5, ask_from: 0.2}
hours:
  zone: America/New_York
  week: {mon: "09:00-18:00", sat: "10:00-16:00"}
  closed_on: [2026-12-25]
queues: {care: "the care team"}
system:
  {opt_out: a, opt_in: b, help: c, ask_opt_out: d, ask_opt_in: e, opt_out_presumed: g,
  opt_out_declined: h, holding: f}
values: {brand: Fernhill}
fallback: {answer: escalate, queue: care}
intents:
  leave: {role: opt_out, answer: escalate, queue: care, priority: high}
  wrong: {answer: reply, template: w, queue: care, effects: [a], closes_consent: true}
"""


def parse(text: str) -> Policy:
    return parse_policy(YamlFile.parse("policy.yaml", {"policy.yaml": text.encode()}))


def test_a_policy_is_read_whole() -> None:
    policy = parse(WHOLE)

    assert (policy.max_wrong_replies, policy.assurance) == (0.01, 0.95)
    assert policy.hours.week == {0: (time(9), time(18)), 5: (time(10), time(16))}
    assert policy.hours.closed_on == {date(2026, 12, 25)}
    assert policy.system.holding == "f"
    assert policy.opt_out == OptOutPolicy(0.9, 0.5, 0.2)
    assert policy.values == {"brand": "Fernhill"}


COSTLY = WHOLE.replace(
    "limits: {",
    "costs: {wrong_answer: 5, agent_minute: 1}\nlimits: {max_wrong_per_intent: 0.2, ",
).replace("template: w,", "template: w, max_wrong: 0.03, wrong_answer_cost: 40,")


def test_limits_and_costs_are_read_for_all_and_for_one() -> None:
    policy = parse(COSTLY)

    assert (policy.limit_of("leave"), policy.limit_of("wrong")) == (0.2, 0.03)
    assert (policy.cost_of_wrong("leave"), policy.cost_of_wrong("wrong")) == (5, 40)
    assert policy.costs == Costs(wrong_answer=5, agent_minute=1)


def test_a_policy_without_costs_or_a_limit_for_each_has_defaults() -> None:
    policy = parse(WHOLE)

    assert policy.costs == Costs()
    assert policy.limit_of("wrong") == MAX_WRONG_PER_INTENT
    assert policy.cost_of_wrong("wrong") == Costs().wrong_answer


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("per_intent: 0.2", "per_intent: 2", "limits.max_wrong_per_intent: expected 0"),
        ("wrong_answer: 5", "wrong_answer: 0", "costs.wrong_answer: expected 0.01 to"),
        ("agent_minute: 1", "agent_minute: -1", "costs.agent_minute: expected 0 to"),
        ("agent_minute", "agent_hour", "costs.agent_hour: is not known here"),
        ("{wrong_answer: 5, agent_minute: 1}", "7", "costs: expected a mapping"),
        ("max_wrong: 0.03", "max_wrong: 3%", "intents.wrong.max_wrong: expected a"),
        ("_cost: 40", "_cost: .nan", "intents.wrong.wrong_answer_cost: expected 0.01"),
    ],
)
def test_an_error_in_limits_or_costs_is_named(old: str, new: str, place: str) -> None:
    assert old in COSTLY

    with pytest.raises(RulesError) as caught:
        parse(COSTLY.replace(old, new))

    assert str(caught.value).startswith(f"policy.yaml: {place}")


def test_a_line_has_defaults_for_what_it_leaves_out() -> None:
    policy = parse(WHOLE)

    assert policy.fallback.priority is Priority.NORMAL
    assert policy.fallback.template is None
    assert policy.fallback.effects == ()
    assert policy.intents["leave"].role is Role.OPT_OUT
    assert policy.intents["wrong"].answer is Answer.REPLY
    assert policy.intents["wrong"].closes_consent


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("0.01", "1.5", "limits.max_wrong_replies: expected 0 to 1"),
        ("0.95", "sure", "limits.assurance: expected a number"),
        ("assurance", "insurance", "limits.insurance: is not known here"),
        ("hour: 5", "hour: 0", "automatic_replies_per_hour: expected 1 to"),
        ("sentiment: negative", "sentiment:", "negative_sentiment: expected text"),
        ("suppress_from: 0.5", "suppress_from: 2", "opt_out.suppress_from: expected"),
        ("sure_from: 0.9", "sure_from: 0.4", "opt_out.sure_from: expected 0.5 to 1"),
        # Asking from above where we stop would be never asking.
        ("ask_from: 0.2", "ask_from: 0.6", "opt_out.ask_from: expected 0 to 0.5"),
        ("America/New_York", "America", "hours.zone: expected a zone"),
        ("America/New_York", "Mars/Base", "hours.zone: expected a zone"),
        ("America/New_York", "../etc/passwd", "hours.zone: expected a zone"),
        ("09:00-18:00", "9-18", "hours.week.mon: expected hours"),
        ("09:00-18:00", "09:00", "hours.week.mon: expected hours"),
        ("09:00-18:00", "18:00-09:00", "hours.week.mon: expected opening before"),
        ("sat:", "saturday:", "hours.week.saturday: is not known here"),
        ("[2026-12-25]", "[christmas]", "hours.closed_on: expected a list of dates"),
        ("[2026-12-25]", "2026-12-25", "hours.closed_on: expected a list of dates"),
        (
            "[2026-12-25]",
            "[2026-12-25T10:00:00]",
            "hours.closed_on: expected a list of dates",
        ),
        ("[2026-12-25]", "[2026-02-30]", "file: holds no such date"),
        ('"the care team"', "7", "queues.care: expected text"),
        ("holding: f", "waiting: f", "system.waiting: is not known here"),
        (", holding: f", "", "system.holding: expected text"),
        ("Fernhill", "7", "values.brand: expected text"),
        ("fallback: {answer: escalate, ", "fallback: {", "fallback.answer: expected"),
        ("role: opt_out", "role: boss", "intents.leave.role: expected one of"),
        ("priority: high", "priority: asap", "intents.leave.priority: expected one of"),
        ("answer: reply", "answer: shout", "intents.wrong.answer: expected one of"),
        ("[a]", "a", "intents.wrong.effects: expected a list"),
        ("consent: true", "consent: maybe", "intents.wrong.closes_consent: expected"),
        ("effects:", "effect:", "intents.wrong.effect: is not known here"),
        ("version: 1", "versoin: 1", "versoin: is not known here"),
    ],
)
def test_each_error_names_file_and_place(old: str, new: str, place: str) -> None:
    assert old in WHOLE

    with pytest.raises(RulesError) as caught:
        parse(WHOLE.replace(old, new))

    assert str(caught.value).startswith(f"policy.yaml: {place}")


def test_a_policy_from_before_the_third_band_is_sure_wherever_it_stops() -> None:
    older = WHOLE.replace("sure_from: 0.9, ", "").replace("opt_out_presumed: g,", "")

    policy = parse(older.replace("opt_out_declined: h, ", ""))

    assert policy.opt_out == OptOutPolicy(0.5, 0.5, 0.2)
    assert (policy.system.opt_out_presumed, policy.system.opt_out_declined) == (
        "a",
        "c",
    )


def test_the_shipped_policy_is_one() -> None:
    shipped = Path(__file__).parents[2] / "data" / "policy.yaml"

    assert parse(shipped.read_text(encoding="utf-8")).intents
