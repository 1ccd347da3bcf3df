"""How a judgement is shown on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.uses import short
from training.gate.line import Line, Name
from training.gate.report import GateReport

TITLES = {
    Name.HELD_OUT: "held-out replies not trained on",
    Name.GRAPH: "graph says what was trained",
    Name.ACCURACY: "accuracy of intents",
    Name.SENTIMENT: "accuracy of sentiments",
    Name.WRONG_ANSWERS: "wrong automatic answers",
    Name.ANSWERED: "needs no person",
    Name.CALIBRATION: "calibration of confidence",
    Name.OPT_OUT_RECALL: "opt-outs honoured at once",
    Name.OPT_OUT_PRECISION: "opt-outs that were asked for",
    Name.LATENCY: "time of a reply",
    Name.BEHAVIOUR: "behaviour cases",
    Name.REVIEWED: "reviewed mistakes",
}
"""What each line is about, for people."""


def print_report(report: GateReport, console: Console) -> None:
    """Print every kind of line once, then in words what failed or nearly did."""
    table = Table("", "champion", "candidate", "lines", "")
    for name in Name:
        lines = [line for line in report.lines if line.name is name]
        if lines:
            table.add_row(*_row(name, lines))
    candidate, champion = short(report.bundle), short(report.champion)
    console.print(f"\ncandidate {candidate} against champion {champion}")
    console.print(table)
    for mark, lines in (("failed", _failed(report)), ("near", _near(report))):
        for line in lines:
            where = f", {line.slice}" if line.slice != "all" else ""
            colour = "bold red" if mark == "failed" else "yellow"
            console.print(
                f"[{colour}]{mark}[/]  {TITLES[line.name]}{escape(where)}: "
                f"{escape(line.told)}",
                highlight=False,
                soft_wrap=True,
            )
    failed = len(_failed(report))
    verdict = f"fails on {failed} of" if failed else "passes all"
    console.print(f"{verdict} {len(report.lines)} lines", highlight=False)


def _row(name: Name, lines: Sequence[Line]) -> tuple[str, str, str, str, str]:
    failed = sum(not line.passed for line in lines)
    whole = lines[0] if lines[0].slice == "all" else None
    return (
        TITLES[name],
        _figure(name, whole.champion if whole else None),
        _figure(name, whole.candidate if whole else None),
        str(len(lines)),
        f"[bold red]{failed} failed[/]" if failed else "passed",
    )


def _figure(name: Name, value: float | None) -> str:
    if value is None:
        return ""
    if name is Name.LATENCY:
        return f"{value:.1f} ms"
    return f"{value:.3f}" if name is Name.CALIBRATION else f"{value:.2%}"


def _failed(report: GateReport) -> list[Line]:
    return [line for line in report.lines if not line.passed]


def _near(report: GateReport) -> list[Line]:
    return [line for line in report.lines if line.near]
