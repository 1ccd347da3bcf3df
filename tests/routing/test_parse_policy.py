from datetime import date, time
from pathlib import Path

import pytest

from model.errors import RulesError
from serving.routing.decision import Priority
from serving.routing.parse_policy import parse_policy
from serving.routing.policy import Answer, Policy, Role
from serving.routing.yaml_file import YamlFile

WHOLE = """
version: 1
limits: {max_wrong_replies: 0.01, assurance: 0.95}
automatic_replies_per_hour: 5
negative_sentiment: negative
opt_out: {suppress_from: 0.5, ask_from: 0.2}
hours:
  zone: America/New_York
  week: {mon: "09:00-18:00", sat: "10:00-16:00"}
  closed_on: [2026-12-25]
queues: {care: "the care team"}
system: {opt_out: a, opt_in: b, help: c, ask_opt_out: d, ask_opt_in: e, holding: f}
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
    assert policy.values == {"brand": "Fernhill"}


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


def test_the_shipped_policy_is_one() -> None:
    shipped = Path(__file__).parents[2] / "data" / "policy.yaml"

    assert parse(shipped.read_text(encoding="utf-8")).intents
