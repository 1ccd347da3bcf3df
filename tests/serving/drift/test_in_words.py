from dataclasses import replace
from datetime import date

import pytest

from serving.drift.apart import Apart
from serving.drift.drift_day import TRAFFIC, TRAINING, DriftDay, Measure
from serving.drift.in_words import findings, headline, percent, status
from serving.drift.judge import CONFIDENCE, INTENTS, LANGUAGES, MEANING
from serving.drift.moved import Moved
from serving.drift.new_groups import NewGroup
from serving.drift.new_words import NewWord
from serving.shares import share_of

FAR, NEAR = Apart(3.0, 9.0, 0.005), Apart(1.0, 1.0, 0.5)
WORDS = (
    "New words were said: “word0” (20 people), “word1” (19 people), "
    "“word2” (18 people), and 2 more."
)
SECOND = (
    "was compared with the 4 days before; what is usual is known from 10 such days on, "
    "this is number 2."
)
ALL = (INTENTS, LANGUAGES, CONFIDENCE, MEANING)
MOVED = Moved("order_status", share_of(280, 2000), 0.06, 0.0001)


def day(*unusual: str, p: float | None = 0.5, **told: object) -> DriftDay:
    measures = tuple(
        Measure(
            name,
            FAR if name in unusual else NEAR,
            0.001 if name in unusual else p,
            unusual=name in unusual,
        )
        for name in ALL
    )
    quiet = DriftDay(
        day=date(2026, 11, 24),
        bundle="sha256:b",
        replies=4000,
        looked_at=2000,
        reference=TRAFFIC,
        reference_days=28,
        reference_replies=5600,
        known_days=28,
        measures=measures,
        moved_intents=(),
        moved_languages=(),
        words=(),
        groups=(),
        accuracy=None,
        accuracy_answered=None,
        from_training=None,
        confidence=0.71,
        confidence_before=0.84,
        intents={},
        languages={},
        kept=(),
    )
    return replace(quiet, **told)  # type: ignore[arg-type] # as the caller says


def test_a_usual_day_is_told_in_one_sentence() -> None:
    assert headline(day()) == "Tuesday 24 November looked like the 28 days before."


def test_an_unusual_day_is_told_with_what_moved() -> None:
    told = day(INTENTS, moved_intents=(MOVED,))

    assert headline(told) == (
        "Tuesday 24 November looked unlike the 28 days before: 14 % of replies were "
        "about order_status (6.0 % is usual)."
    )


def test_what_people_wrote_comes_first() -> None:
    group = NewGroup(("app", "crashed"), 43, 1, "product_problem", ("d1",), 0.001)
    words = tuple(NewWord(f"word{n}", 20 - n, 0, 9.0, 0.0001, ()) for n in range(5))
    told = day(MEANING, CONFIDENCE, words=words, groups=(group,))

    assert findings(told) == [
        "43 people wrote about something new (app, crashed), read as product_problem.",
        WORDS,
        "The bundle was less sure: mean confidence 0.71, before 0.84.",
        "What replies mean was further from the weeks before than on other days.",
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (day(INTENTS), "The mix of intents was another one."),
        (day(LANGUAGES), "The mix of languages was another one."),
        (
            day(LANGUAGES, moved_languages=(replace(MOVED, label=""),)),
            "14 % of replies were in no language we can tell (6.0 % is usual).",
        ),
        (
            day(CONFIDENCE, confidence=0.9),
            "The bundle was more sure: mean confidence 0.90, before 0.84.",
        ),
    ],
)
def test_each_measure_has_its_sentence(told: DriftDay, expected: str) -> None:
    assert findings(told) == [expected]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (day(measures=(), looked_at=12), "had too few replies to tell: 12 were read."),
        (
            day(p=None, reference=TRAINING),
            "was held against the labelled replies: too few days are known yet.",
        ),
        (
            day(p=None, reference_days=4, known_days=1),
            SECOND,
        ),
    ],
)
def test_a_day_that_is_not_judged_says_why(told: DriftDay, expected: str) -> None:
    assert status(told) == f"Tuesday 24 November {expected}"
    assert headline(told) == status(told)


def test_small_shares_keep_a_digit() -> None:
    assert [percent(share) for share in (0.004, 0.0949, 0.095, 0.5)] == [
        "0.4 %",
        "9.5 %",
        "10 %",
        "50 %",
    ]
