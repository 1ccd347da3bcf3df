"""The shipped bundle hears opt-outs that no keyword catches, and little else.

The floors lie below what the benchmarks aim for: a bundle under them is not shipped.
"""

from pathlib import Path

import pytest

from model.bundle import DEFAULT, load_bundle
from training.optout_cases import FILE, read_cases
from training.optout_figures import OptOutReport
from training.optout_report import judge_opt_outs

CASES = Path(__file__).parent.parent.parent / "data" / FILE
RECALL = 0.86
PRECISION = 0.82


@pytest.fixture(scope="module")
def report() -> OptOutReport:
    unseen = read_cases(CASES).set_apart()
    return judge_opt_outs(unseen, load_bundle(DEFAULT, threads=0))


def test_honours_hard_opt_outs(report: OptOutReport) -> None:
    assert report.test
    assert report.test.overall.recall

    assert report.test.overall.recall.value >= RECALL


def test_takes_little_else_for_an_opt_out(report: OptOutReport) -> None:
    assert report.test
    assert report.test.overall.precision

    assert report.test.overall.precision.value >= PRECISION
