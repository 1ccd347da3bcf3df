import pytest

from serving.sampling.estimate import Estimate
from serving.sampling.promise import Standing, judged


def seen(share: float, low: float, high: float, reviewed: int = 400) -> Estimate:
    return Estimate(share, low, high, float(reviewed), reviewed, 4, 10_000.0)


@pytest.mark.parametrize(
    ("estimate", "limit", "standing", "words"),
    [
        (seen(0.002, 0.0, 0.009), 0.01, Standing.WITHIN, "within the promise"),
        (seen(0.03, 0.02, 0.05), 0.01, Standing.ABOVE, "above the promise"),
        (
            seen(0.004, 0.001, 0.015),
            0.01,
            Standing.OPEN,
            "cannot tell yet: about 657 more reviews would",
        ),
        (
            seen(0.01, 0.004, 0.02),
            0.01,
            Standing.OPEN,
            "too close to the limit to tell",
        ),
        (seen(0.03, 0.02, 0.05), None, Standing.UNLIMITED, "no limit was promised"),
    ],
)
def test_a_rate_stands_to_its_limit(
    estimate: Estimate, limit: float | None, standing: Standing, words: str
) -> None:
    found = judged(estimate, limit)

    assert found.standing is standing
    assert found.words == words


def test_few_reviews_settle_nothing_however_clear_they_look() -> None:
    found = judged(seen(0.9, 0.6, 1.0, reviewed=9), 0.1)

    assert found.standing is Standing.OPEN
    assert found.words == "cannot tell yet: about 21 more reviews would"


def test_few_reviews_keep_no_promise_either() -> None:
    found = judged(seen(0.0, 0.0, 0.15, reviewed=20), 0.2)

    assert found.standing is Standing.OPEN
    assert found.more == 10


def test_without_any_review_it_takes_as_many_as_a_clean_sheet_does() -> None:
    found = judged(None, 0.1)

    # Wilson's interval of none in 35 ends at 0.0989.
    assert found.more == 35


def test_reviews_that_tell_less_than_one_take_more_of_them() -> None:
    weighed = Estimate(0.004, 0.0, 0.02, 200.0, 400, 2, 10_000.0)

    plain, weak = judged(seen(0.004, 0.001, 0.015), 0.01), judged(weighed, 0.01)

    assert plain.more
    assert weak.more
    assert weak.more > 2 * plain.more
