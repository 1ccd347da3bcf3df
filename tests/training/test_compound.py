from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from model.errors import InputError
from serving.routing.decide import decide
from serving.routing.decision import AlsoIntent, Decision
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation
from tests.routing.readings import reading
from training.compound import (
    CompoundCase,
    CompoundScore,
    read_compound_cases,
    score_compound,
)

DATA = Path(__file__).parents[2] / "data"
KNOWN = tuple(yaml.safe_load((DATA / "taxonomy.yaml").read_bytes())["intents"])
CASES = read_compound_cases(DATA / "compound_cases.csv", KNOWN)
MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


def decision(rules: RuleSet, intent: str, *also: str) -> Decision:
    decided = decide(
        Reply("hm", MONDAY_NOON), Situation(), rules, reading(intent, opt_out=0)
    )
    return replace(decided, also=tuple(AlsoIntent(i, 0.9) for i in also))


def test_the_shipped_cases_are_half_compound_and_half_test() -> None:
    counts = Counter((len(case.intents) > 1, case.part) for case in CASES)

    assert set(counts.values()) == {40}
    assert len({case.text.casefold() for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_the_shipped_cases_name_first_what_is_handled_first(
    rules: RuleSet, case: CompoundCase
) -> None:
    ready = replace(rules, thresholds=dict.fromkeys(KNOWN, 0.9))
    said = [
        reading(intent, opt_out=0.99 if intent == "opt_out" else 0)
        for intent in case.intents
    ]
    whole = reading(case.intents[-1], 0.95, *said, opt_out=0)

    decided = decide(Reply("hm", MONDAY_NOON), Situation(), ready, whole)

    assert decided.intent == case.intents[0]
    alone = {"decline", "confirm"} if case.intents[0] == "opt_out" else set()
    assert {a.intent for a in decided.also} == set(case.intents[1:]) - alone


def test_scores_are_shares_of_what_was_said_and_heard(rules: RuleSet) -> None:
    two, one = ("store_info", "thanks"), ("refund",)
    cases = [
        CompoundCase("a", two, "test"),
        CompoundCase("b", two, "test"),
        CompoundCase("c", one, "test"),
        CompoundCase("d", one, "test"),
    ]
    decisions = [
        decision(rules, "store_info", "thanks"),
        decision(rules, "thanks", "praise"),
        decision(rules, "refund"),
        decision(rules, "refund", "praise"),
    ]

    assert score_compound(cases, decisions) == CompoundScore(
        compound=2,
        single=2,
        exact_compound=0.5,
        exact_single=0.5,
        first_right=0.75,
        further_recall=0.5,
        false_further=0.5,
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,hi,refund|nonsense,train", "row 1.*intents.*'nonsense'"),
        ("1,hi,refund|refund,train", "row 1.*intents.*'refund'"),
        ("1,hi,refund,dev", "row 1.*part.*'dev'"),
    ],
)
def test_a_case_that_cannot_be_meant_is_refused(
    tmp_path: Path, line: str, message: str
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"id,text,intents,part\n{line}\n", encoding="utf-8")

    with pytest.raises(InputError, match=message):
        read_compound_cases(path, KNOWN)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("id,text,intents\n1,hi,refund\n", encoding="utf-8")

    with pytest.raises(InputError, match="part"):
        read_compound_cases(path, KNOWN)
