"""A report of an evaluation: on the terminal, and as one self-contained page."""

import io
from pathlib import Path

import jinja2
import matplotlib as mpl
from matplotlib.figure import Figure
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.manifest import Manifest
from training.evaluation import Evaluation, Interval, Scores, Trust
from training.optout_report import opt_out_parts, opt_out_tables
from training.promises import Solved
from training.threshold_report import page_parts

_TEMPLATES = Path(__file__).parent / "templates"
_INK, _ACCENT, _GRID = "#3b4250", "#0b6b5e", "#d5dae3"


def print_report(evaluation: Evaluation, console: Console) -> None:
    """Print the figures, every intent, and the confusions that matter."""
    console.print()
    console.print(_summary(evaluation))
    console.print(_label_table("Intents, worst first", evaluation.intent))
    if evaluation.intent.confusions:
        table = Table("truly", "read as", "replies", title="Commonest confusions")
        for confusion in evaluation.intent.confusions[:10]:
            labels = (escape(confusion.truth), escape(confusion.predicted))
            table.add_row(*labels, str(confusion.count))
        console.print(table)
    if evaluation.outcome:
        console.print(_outcome(evaluation))
    for table in opt_out_tables(evaluation.opt_outs) if evaluation.opt_outs else ():
        console.print(table)


def write_html(
    evaluation: Evaluation,
    title: str,
    manifest: Manifest,
    path: Path,
    solved: Solved | None = None,
) -> None:
    """Write the report as one page that needs nothing else."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html").render(
        title=title,
        evaluation=evaluation,
        manifest=manifest,
        rows=figures(evaluation),
        reliability=_svg(_reliability(evaluation.trust)),
        coverage=_svg(_coverage(evaluation.trust)),
        opt_out_parts=opt_out_parts(evaluation.opt_outs) if evaluation.opt_outs else [],
        **(page_parts(solved) if solved else {}),
    )
    path.write_text(page, encoding="utf-8")


def figures(evaluation: Evaluation) -> list[tuple[str, Interval]]:
    """Return the figures of the summary, by the name they are shown under."""
    sentiment = evaluation.sentiment
    return [
        ("Intent macro-F1", evaluation.intent.macro_f1),
        ("Intent accuracy", evaluation.intent.accuracy),
        *(
            [
                ("Sentiment macro-F1", sentiment.macro_f1),
                ("Sentiment accuracy", sentiment.accuracy),
            ]
            if sentiment
            else []
        ),
        ("Expected calibration error", evaluation.trust.calibration_error),
        ("Area under risk and coverage", evaluation.trust.aurc),
    ]


def _summary(evaluation: Evaluation) -> Table:
    table = Table(
        "",
        "value",
        "95 % interval",
        title=f"{evaluation.replies} replies that were held out",
    )
    for name, told in figures(evaluation):
        table.add_row(name, f"{told.value:.4f}", f"{told.low:.4f} to {told.high:.4f}")
    return table


def _label_table(title: str, scores: Scores) -> Table:
    table = Table("intent", "precision", "recall", "F1", "replies", title=title)
    for row in scores.labels:
        table.add_row(
            escape(row.label),
            f"{row.precision:.3f}",
            f"{row.recall:.3f}",
            f"{row.f1:.3f}",
            str(row.support),
        )
    return table


def _outcome(evaluation: Evaluation) -> Table:
    outcome = evaluation.outcome
    table = Table("the whole policy", "", title="Keywords, guards, thresholds, policy")
    if outcome:
        for action, count in sorted(outcome.by_action.items()):
            table.add_row(f"action {action}", str(count))
        table.add_row("settled without a person", f"{outcome.automatic:.1%}")
        table.add_row("wrong among those", f"{outcome.wrong_automatic:.2%}")
        table.add_row("a faultless model would settle", f"{outcome.reachable:.1%}")
        table.add_row("opt-outs missed", str(outcome.missed_opt_outs))
        table.add_row("opt-outs nobody asked for", str(outcome.false_opt_outs))
    return table


def _reliability(trust: Trust) -> Figure:
    figure, axes = _axes("confidence", "share that is right")
    axes.plot([0, 1], [0, 1], color=_GRID, linewidth=1)
    axes.plot(
        [b.confidence for b in trust.reliability],
        [b.accuracy for b in trust.reliability],
        "o-",
        color=_ACCENT,
        markersize=4,
        linewidth=1.2,
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    return figure


def _coverage(trust: Trust) -> Figure:
    figure, axes = _axes("coverage: share answered", "risk: wrong among the answered")
    axes.plot(trust.coverage, trust.risk, color=_ACCENT, linewidth=1.4)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(*trust.risk, 0.01) * 1.1)
    return figure


def _axes(across: str, up: str) -> tuple[Figure, "mpl.axes.Axes"]:
    figure = Figure(figsize=(4.6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(across, color=_INK)
    axes.set_ylabel(up, color=_INK)
    axes.grid(color=_GRID, linewidth=0.6)
    axes.tick_params(colors=_INK, labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _svg(figure: Figure) -> str:
    # Text stays text: it can be read aloud, searched, and takes the page's font.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "replywise"}):
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return buffer.getvalue()[buffer.getvalue().index("<svg") :]
