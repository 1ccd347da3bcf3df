"""docs/release.md says how often an equal bundle is refused; this holds it to that."""

from tests.training.gate.simulated import share_refused


def test_an_equal_bundle_is_seldom_refused() -> None:
    # 120 at 5 % give 13 or more once in a hundred times; 2,000 gave what is written.
    assert share_refused(120, seed=11) <= 12 / 120


def test_a_bundle_that_is_broken_in_one_slice_is_mostly_seen() -> None:
    assert share_refused(25, seed=12, slices="intent 0", by=0.5) >= 0.7
