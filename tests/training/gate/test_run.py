"""The gate on real bundles, small ones, each with one fault."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from model.errors import InputError
from tests.training.gate import small_bundles
from training.gate.report import GateReport
from training.gate.run import GateRequest, judge_bundle
from training.progress import Steps

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
Judge = Callable[..., GateReport]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    folder = tmp_path_factory.mktemp("gate")
    gate = small_bundles.judged_on(folder)
    good = small_bundles.good(folder / "good")

    def judge(
        candidate: Callable[[Path], Path], *, reviewed: tuple[Path, ...] = ()
    ) -> GateReport:
        made = candidate(folder / candidate.__name__)
        request = GateRequest(made, good, gate, reviewed=reviewed)
        ticks = count()
        steps = Steps(Console(quiet=True))
        return judge_bundle(request, steps, at=NOON, clock=lambda: next(ticks) / 1000)

    return judge


def failed(report: GateReport) -> list[str]:
    return [f"{line.name} {line.slice}" for line in report.lines if not line.passed]


def another(folder: Path) -> Path:
    return small_bundles.good(folder, made=2)


def test_an_equal_bundle_passes(judged: Judge, tmp_path: Path) -> None:
    reviewed = tmp_path / "reviewed.csv"
    reviewed.write_text("text,intent\nwhere is my box,order_status\n", encoding="utf-8")

    report = judged(another, reviewed=(reviewed,))

    assert failed(report) == []
    assert report.passed
    assert report.outcome == "passed"
    assert report.bundle != report.champion
    assert (report.replies, report.opt_out_cases) == (36, 24)
    pace = next(line for line in report.lines if line.name == "latency")
    assert pace.bound == 1.0
    assert [line.told for line in report.lines if line.name == "reviewed"] == [
        "0 of 1 reviewed mistakes are made again, 0.0% allowed"
    ]


@pytest.mark.parametrize(
    ("candidate", "lines"),
    [
        (
            small_bundles.broken_on_refunds,
            ["accuracy all", "accuracy intent refund", "accuracy length 3 to 7 words"],
        ),
        (small_bundles.too_modest, ["calibration all", "answered all"]),
        (
            small_bundles.deaf_to_pleas,
            [
                "opt_out_recall all",
                "opt_out_recall category plain",
                "opt_out_recall language en",
                "behaviour opts out",
            ],
        ),
        (small_bundles.trained_on_held_out, ["held_out all"]),
    ],
    ids=lambda told: getattr(told, "__name__", ""),
)
def test_each_fault_fails_its_own_lines(
    judged: Judge, candidate: Callable[[Path], Path], lines: list[str]
) -> None:
    report = judged(candidate)

    assert failed(report) == lines
    assert report.outcome == "failed"


def test_without_a_gate_file_it_is_said_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    request = GateRequest(tmp_path, tmp_path, None)

    with pytest.raises(InputError, match=r"data/gate\.yaml: is not here, so nothing"):
        judge_bundle(request, Steps(Console(quiet=True)), at=NOON, clock=lambda: 0.0)
