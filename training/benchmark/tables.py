"""Results as tables: on the terminal, and in Markdown."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from training.benchmark.results import Line, Result, notes, sections, title

_HEADINGS = ("", "parameters", "value", "95 % interval", "source")
_LEGEND = (
    "Values are percent, but for the area under risk and coverage (AURC). Intervals "
    "are 95 % percentile bootstrap over rows. Published figures stand as their authors "
    "gave them."
)


def print_result(result: Result, console: Console) -> None:
    """Print one set's table, what others published above what we measured."""
    table = Table(*_HEADINGS, title=escape(title(result)), title_justify="left")
    for column, justify in ((1, "right"), (2, "right")):
        table.columns[column].justify = justify  # type: ignore[assignment] # a literal
    for measure, lines in sections(result):
        table.add_section()
        table.add_row(f"[italic]{measure}[/]")
        for line in lines:
            table.add_row(*_cells(line), style="bold" if line.ours else None)
    console.print(table)
    for note in notes(result):
        console.print(f"  {note}", highlight=False, markup=False)


def markdown(results: Sequence[Result]) -> str:
    """Return the tables of all sets as Markdown."""
    parts = [_LEGEND]
    for result in results:
        rows = [
            "| measure | system | parameters | value | 95 % interval | source |",
            "|---|---|--:|--:|---|---|",
        ]
        for measure, lines in sections(result):
            rows += [_row(measure, line) for line in lines]
        parts += [f"## {title(result)}", " ".join(notes(result)), "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _row(measure: str, line: Line) -> str:
    cells = [measure, line.system, line.parameters, line.value, line.interval]
    marked = [f"**{cell}**" if line.ours and cell else cell for cell in cells]
    return f"| {' | '.join([*marked, line.source])} |"


def _cells(line: Line) -> list[str]:
    told = (line.parameters, line.value, line.interval, line.source)
    return [f"  {escape(line.system)}", *map(escape, told)]
