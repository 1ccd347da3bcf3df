import numpy as np

from serving.sampling.facts import Facts, FrameRow, reviewed_of
from serving.sampling.stratum import Stratum

ANSWERED = Stratum("answered", "model", "usual", "0.98-1", "acme")
ASKED = Stratum("asked", "model", "*", "0.5-0.9", "acme")
FRAME = (
    FrameRow("2026-11-23", ANSWERED, 1_000, 40),
    FrameRow("2026-11-23", ASKED, 50, 20),
    FrameRow("2026-11-24", ANSWERED, 900, 40),
    FrameRow("2026-11-24", ASKED, 60, 20),
)


def facts(reviewed: list[int], drawn: list[int]) -> Facts:
    """Return so many drawn decisions of each part, the first of them reviewed."""
    part = np.repeat(np.arange(len(drawn)), drawn)
    rank = np.concatenate([np.arange(n) for n in drawn])
    verdict = np.where(rank < np.array(reviewed)[part], "right", "")
    none = np.zeros(len(part), dtype="<U1")
    return Facts(part, none, none, none, none, none, none, verdict)


def test_reviews_stand_for_the_days_that_have_any() -> None:
    found = reviewed_of(facts([10, 5, 0, 0], [40, 20, 40, 20]), FRAME)

    assert len(found.facts) == 15
    assert found.weighing.weight.sum() == 1_050
    assert (found.days, found.days_without, found.mixed) == (1, 1, 0)


def test_a_part_that_waits_is_stood_for_by_its_stratum() -> None:
    found = reviewed_of(facts([10, 5, 20, 0], [40, 20, 40, 20]), FRAME)

    weight = dict(zip(found.facts.part.tolist(), found.weighing.weight, strict=True))
    assert weight == {0: 100.0, 1: 110 / 5, 2: 45.0}
    assert found.mixed == 0


def test_a_stratum_that_waits_is_told() -> None:
    found = reviewed_of(facts([10, 0, 20, 0], [40, 20, 40, 20]), FRAME)

    assert found.weighing.weight.sum() == 2_010
    assert found.mixed == 900 + 110


def test_without_any_review_there_is_nothing_to_weigh() -> None:
    found = reviewed_of(facts([0, 0, 0, 0], [40, 20, 40, 20]), FRAME)

    assert len(found.facts) == 0
    assert (found.days, found.days_without) == (0, 2)
