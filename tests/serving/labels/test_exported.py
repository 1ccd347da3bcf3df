from dataclasses import replace
from datetime import timedelta

import pytest
import yaml

from serving.labels.exported import Export, export
from serving.labels.label import LeftOut, Lesson
from serving.reviews.finding import Finding
from serving.reviews.verdict import Verdict
from tests.serving.reviews.making import NOON

RIGHT = Finding(Verdict.RIGHT)
REFUND = Finding(Verdict.WRONG_INTENT, "refund")
ONE = Lesson(
    decision_id="d1",
    text="my money please",
    replaced="",
    intent="refund",
    asks=None,
    confirmed={},
    finding=REFUND,
    language="en",
    program="shop",
    group="c1",
    reviewer="Ann",
    reviewed_at=NOON,
    probability=0.25,
)


def lesson(number: int, **fields: object) -> Lesson:
    at = NOON + timedelta(minutes=number)
    own = {"decision_id": f"d{number}", "group": f"c{number}", "reviewed_at": at}
    return replace(ONE, **{**own, **fields})  # type: ignore[arg-type]


def exported(*lessons: Lesson | LeftOut, include_right: bool = False) -> Export:
    return export(lessons, include_right=include_right)


def test_a_mistake_becomes_a_labelled_row() -> None:
    [row] = exported(ONE).labels

    assert row == {
        "id": "d1",
        "text": "my money please",
        "intent": "refund",
        "sentiment": "",
        "source": "review",
        "group": "c1",
        "verdict": "wrong_intent",
        "reviewer": "Ann",
        "reviewed_at": "2026-11-23T12:00:00+00:00",
        "program": "shop",
        "replaced": "",
        "count": 1,
        "probability": 0.25,
        "weight": 4.0,
    }


def test_the_same_words_are_one_row_that_stands_for_all_of_them() -> None:
    told = exported(
        lesson(1),
        lesson(2, text="My money, please!", probability=0.5),
        lesson(3, text="MY MONEY PLEASE", probability=None),
    )

    [row] = told.labels
    assert (row["id"], row["count"], row["weight"]) == ("d1", 3, 6.0)
    assert told.merged == 2


def test_what_was_only_picked_has_no_weight() -> None:
    [row] = exported(lesson(1, probability=None)).labels

    assert (row["probability"], row["weight"]) == ("", "")


@pytest.mark.parametrize("include_right", [False, True])
def test_right_ones_go_out_only_when_asked_for(include_right: bool) -> None:  # noqa: FBT001
    told = exported(
        lesson(1, finding=RIGHT, text="yes"),
        lesson(2, finding=Finding(Verdict.WRONG_WORDS), text="ok then"),
        lesson(3),
        include_right=include_right,
    )

    ids = [row["id"] for row in told.labels]
    assert ids == (["d1", "d2", "d3"] if include_right else ["d3"])
    assert told.left_out[LeftOut.RIGHT] == (0 if include_right else 2)


def test_a_right_one_still_contradicts_what_was_labelled_otherwise() -> None:
    told = exported(
        lesson(1, text="yes", intent="confirm", finding=RIGHT), lesson(2, text="Yes.")
    )

    assert told.labels == ()
    assert told.left_out == {LeftOut.CONTRADICTED: 2}
    assert yaml.safe_load(told.behaviour)["cases"] == {}


def test_a_mistake_stands_for_right_ones_of_the_same_words() -> None:
    told = exported(lesson(1, finding=RIGHT), lesson(2))

    [row] = told.labels
    assert (row["id"], row["verdict"], row["count"]) == ("d2", "wrong_intent", 2)


def test_opt_outs_become_cases_with_and_without_an_intent() -> None:
    told = exported(
        lesson(
            1,
            text="enough of this",
            intent="opt_out",
            asks=True,
            finding=Finding(Verdict.MISSED_OPT_OUT, "opt_out"),
        ),
        lesson(
            2,
            text="stop by later",
            intent=None,
            asks=False,
            finding=Finding(Verdict.FALSE_OPT_OUT),
            language=None,
        ),
    )

    yes, no = told.cases
    assert [row["id"] for row in told.labels] == ["d1"]
    assert (yes["opt_out"], yes["category"], yes["language"], yes["part"]) == (
        *("yes", "reviewed_missed", "en", "train"),
    )
    assert (no["opt_out"], no["category"], no["language"]) == (
        *("no", "reviewed_false", "und"),
    )


def test_contradicting_opt_outs_are_no_cases() -> None:
    missed = Finding(Verdict.MISSED_OPT_OUT, "opt_out")
    false = Finding(Verdict.FALSE_OPT_OUT)

    told = exported(
        lesson(1, text="end", intent="opt_out", asks=True, finding=missed),
        lesson(2, text="END", intent=None, asks=False, finding=false),
    )

    assert told.cases == ()
    assert told.left_out[LeftOut.CONTRADICTED] == 2


def test_mistakes_become_behaviour_cases() -> None:
    said = (
        (Verdict.WRONG_INTENT, "refund", None, "a"),
        (Verdict.WRONG_INTENT, "refund", None, "b"),
        (Verdict.WRONG_INTENT, "refund", None, "a"),
        (Verdict.SHOULD_ESCALATE, None, None, "c"),
        (Verdict.WRONG_QUEUE, None, "billing", "d"),
        (Verdict.MISSED_OPT_OUT, "opt_out", None, "e"),
        (Verdict.FALSE_OPT_OUT, None, None, "f"),
        (Verdict.NEEDLESS_ESCALATION, None, None, "g"),
        (Verdict.RIGHT, None, None, "h"),
    )
    lessons = [
        lesson(
            number, text=text, intent=intent, finding=Finding(verdict, intent, queue)
        )
        for number, (verdict, intent, queue, text) in enumerate(said)
    ]

    body = yaml.safe_load(exported(*lessons).behaviour)

    assert body == {
        "version": 1,
        "cases": {
            "reviewed: action escalate": {
                "expect": {"action": "escalate"},
                "texts": ["c"],
            },
            "reviewed: consent none": {"expect": {"consent": "none"}, "texts": ["f"]},
            "reviewed: consent opt_out": {
                "expect": {"consent": "opt_out"},
                "texts": ["e"],
            },
            "reviewed: intent refund": {
                "expect": {"intent": "refund"},
                "texts": ["a", "b"],
            },
            "reviewed: queue billing": {
                "expect": {"queue": "billing"},
                "texts": ["d"],
            },
        },
    }


def test_what_teaches_nothing_is_counted_by_its_reason() -> None:
    told = exported(
        LeftOut.ERASED,
        LeftOut.DISPUTED,
        LeftOut.DISPUTED,
        lesson(1, intent=None, finding=Finding(Verdict.NEEDLESS_ESCALATION)),
    )

    assert told.left_out == {
        LeftOut.DISPUTED: 2,
        LeftOut.ERASED: 1,
        LeftOut.UNTOLD: 1,
    }
