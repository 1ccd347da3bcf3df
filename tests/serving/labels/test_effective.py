from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.labels.effective import effective
from serving.reviews.finding import Finding
from serving.reviews.review import Review
from serving.reviews.verdict import ReviewKind, Verdict
from tests.serving.reviews.making import NOON

RIGHT = Finding(Verdict.RIGHT)
REFUND = Finding(Verdict.WRONG_INTENT, "refund")
STORE = Finding(Verdict.WRONG_INTENT, "store_info")


def review(
    user: str, finding: Finding, minute: int, kind: ReviewKind = ReviewKind.DRAWN
) -> Review:
    at = NOON + timedelta(minutes=minute)
    return Review(f"r{minute:02}", "d", user, kind, finding, at)


ADJUDICATED, PICKED = ReviewKind.ADJUDICATED, ReviewKind.PICKED


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        ([review("ann", RIGHT, 1)], 1),
        ([review("ann", REFUND, 1), review("bob", REFUND, 2)], 2),
        ([review("ann", REFUND, 1), review("bob", STORE, 2)], None),
        ([review("ann", RIGHT, 1), review("bob", REFUND, 2, PICKED)], None),
        ([review("ann", RIGHT, 1, PICKED), review("ann", REFUND, 2)], 2),
        (
            [
                review("ann", REFUND, 1),
                review("bob", STORE, 2),
                review("eve", RIGHT, 3, ADJUDICATED),
            ],
            3,
        ),
        (
            [
                review("eve", RIGHT, 1, ADJUDICATED),
                review("eve", REFUND, 2, ADJUDICATED),
                review("ann", STORE, 3),
            ],
            2,
        ),
        (
            [
                review("ann", Finding(Verdict.RIGHT, note="ok"), 1),
                review("bob", RIGHT, 2),
            ],
            2,
        ),
    ],
    ids=[
        "one",
        "two agree",
        "two differ",
        "a pick differs",
        "a change of mind",
        "decided between two",
        "decided twice",
        "notes may differ",
    ],
)
def test_the_review_that_counts(found: Sequence[Review], counts: int | None) -> None:
    told = effective(found)

    assert (told and told.review_id) == (counts and f"r{counts:02}")


@given(st.permutations(range(4)), st.booleans())
def test_the_order_of_the_rows_tells_nothing(
    order: list[int],
    decided: bool,  # noqa: FBT001 - drawn
) -> None:
    kind = ADJUDICATED if decided else ReviewKind.DRAWN
    found = [
        review("ann", REFUND, 1),
        review("bob", STORE, 2),
        review("bob", REFUND, 3),
        review("eve", REFUND, 4, kind),
    ]

    told = effective([found[place] for place in order])

    assert told == found[3]
