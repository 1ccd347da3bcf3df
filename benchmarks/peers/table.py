"""Outcomes as a table to read and as JSON to compute with."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers.run import Cost, Outcome
from training.benchmark.figures import Figure
from training.benchmark.measures import Measure

LOADED = 0.1
"""Share of the machine taken by other work from which a time is marked."""

_MEASURES = (
    (Measure.ACCURACY, "accuracy"),
    (Measure.AURC, "AURC"),
    (Measure.COVERAGE_1, "coverage at 1 % risk"),
    (Measure.COVERAGE_2, "at 2 %"),
    (Measure.COVERAGE_5, "at 5 %"),
    (Measure.CALIBRATION, "calibration error"),
    (Measure.AUROC, "out-of-scope AUROC"),
)
_COSTS = (
    "training s (CPU s)",
    "one reply ms (CPU ms)",
    "resident MB",
    "installed MB",
    "model MB",
)


def markdown(outcomes: Sequence[Outcome]) -> str:
    """Return one table a set, and below what was chosen for each peer."""
    names = list(dict.fromkeys(outcome.subject.name for outcome in outcomes))
    parts = [
        "# Peers",
        _preface(),
        *(_table([o for o in outcomes if o.subject.name == name]) for name in names),
        "\n".join(
            f"- {outcome.peer.title} ({outcome.version or 'not run'}): "
            f"{outcome.peer.settings}"
            for outcome in {outcome.peer.name: outcome for outcome in outcomes}.values()
        ),
    ]
    return "\n\n".join(parts) + "\n"


def as_json(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """Return one object an outcome, every figure with its interval."""
    return [
        {
            "set": outcome.subject.name,
            "digests": outcome.subject.digests,
            "train_rows": len(outcome.subject.train.texts),
            "test_rows": len(outcome.subject.test.texts),
            "peer": asdict(outcome.peer),
            "version": outcome.version,
            "figures": {f.measure.value: asdict(f.interval) for f in outcome.figures},
            "cost": asdict(outcome.cost) if outcome.cost else None,
            "problem": outcome.problem,
        }
        for outcome in outcomes
    ]


def _preface() -> str:
    return (
        f"Printed by `python -m benchmarks.peers` on {datetime.now(UTC):%Y-%m-%d}: "
        f"{_processor()}, {os.cpu_count()} cores. Figures but AURC are in per cent, "
        "with 95 % bootstrap intervals over the test rows. Training is the whole "
        "process; one reply is the median of all test rows, one after another on one "
        f"core. `*`: other work took more than {100 * LOADED:.0f} % of the machine "
        "meanwhile; read the CPU time instead."
    )


def _table(outcomes: Sequence[Outcome]) -> str:
    subject = outcomes[0].subject
    shown = [
        (measure, title)
        for measure, title in _MEASURES
        if measure is not Measure.AUROC or len(subject.outside)
    ]
    heads = ["system", *(title for _, title in shown), *_COSTS]
    rows = [heads, ["---"] * len(heads)]
    for outcome in outcomes:
        told = {figure.measure: figure for figure in outcome.figures}
        cells = [_interval(told[measure]) for measure, _ in shown if measure in told]
        if outcome.cost:
            cells += _cost(outcome.cost)
        else:
            problem = (outcome.problem or "").replace("|", "/")
            cells = [f"did not run: {problem}", *[""] * (len(heads) - 2)]
        rows.append([outcome.peer.title, *cells])
    title = (
        f"## {subject.name}\n\n{len(subject.train.texts)} texts to train on, "
        f"{len(set(subject.train.labels))} labels, {len(subject.test.texts)} test rows"
    )
    return f"{title}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _interval(figure: Figure) -> str:
    told = figure.interval
    if figure.measure is Measure.AURC:
        return f"{told.value:.4f} ({told.low:.4f} to {told.high:.4f})"
    return f"{100 * told.value:.1f} ({100 * told.low:.1f} to {100 * told.high:.1f})"


def _cost(cost: Cost) -> list[str]:
    train = "*" if cost.training.others > LOADED else ""
    answer = "*" if cost.answering.others > LOADED else ""
    told = cost.answered
    return [
        f"{cost.training.seconds:.0f}{train} ({cost.training.cpu_seconds:.0f})",
        f"{told.p50_ms:.2f}{answer} ({told.p50_cpu_ms:.2f})",
        f"{told.resident_mb:.0f}",
        f"{cost.installed.megabytes:.0f}",
        f"{cost.model_mb:.1f}",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
