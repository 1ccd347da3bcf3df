"""How solved thresholds are shown: on the terminal, and in rows for the page."""

from collections.abc import Callable, Mapping

from rich.markup import escape
from rich.table import Table

from training.promises import Promise, Solved, Whole

_ROWS: tuple[tuple[str, Callable[[Whole], str]], ...] = (
    ("wrong answers allowed", lambda whole: f"{whole.limit:.2%}"),
    ("how sure that is", lambda whole: f"{whole.assurance:.0%}"),
    ("answered by the model", lambda whole: str(whole.answered)),
    ("wrong among those", lambda whole: wrong_of(whole.wrong, whole.answered)),
    ("bound", lambda whole: share(whole.bound)),
    ("replies that no person sees", lambda whole: f"{whole.coverage:.1%}"),
    ("people, per 1,000 replies", lambda whole: f"{whole.escalations:.0f}"),
    ("cost, per 1,000 replies", lambda whole: f"{whole.cost:,.0f}"),
    ("why nothing is answered", lambda whole: whole.reason or ""),
)


def beside(solved: Solved) -> dict[str, Whole]:
    """Return the policy as it is stated, between one step tighter and one looser."""
    return {
        "half the limit": solved.tighter,
        "as stated": solved.whole,
        "twice the limit": solved.looser,
    }


def whole_rows(columns: Mapping[str, Whole]) -> list[tuple[str, list[str]]]:
    """Return each figure's name with its value in every column."""
    rows = [(name, [told(whole) for whole in columns.values()]) for name, told in _ROWS]
    return [(name, cells) for name, cells in rows if any(cells)]


def whole_table(columns: Mapping[str, Whole], title: str) -> Table:
    """Return the terminal's table of the whole policy, a column each."""
    table = Table("the whole policy", *columns, title=title)
    for name, cells in whole_rows(columns):
        table.add_row(name, *cells)
    return table


def threshold_tables(solved: Solved) -> list[Table]:
    """Return the terminal's tables: the whole policy, then every intent."""
    title = "Thresholds, solved from the limits in the policy"
    table = Table(
        *("intent", "limit", "threshold", "answered", "wrong", "bound"),
        *("coverage", ""),
        title="What is promised of each intent",
    )
    for row in by_coverage(solved):
        table.add_row(
            escape(row.intent),
            share(row.limit),
            "never" if row.threshold is None else f"{row.threshold:.4f}",
            str(row.answered),
            wrong_of(row.wrong, row.answered),
            share(row.bound),
            f"{row.coverage:.1%}",
            row.reason or "",
        )
    return [whole_table(beside(solved), title), table]


def page_parts(solved: Solved) -> dict[str, object]:
    """Return what the page's template shows."""
    steps = beside(solved)
    return {
        "steps": {"names": list(steps), "rows": whole_rows(steps)},
        "promises": by_coverage(solved),
        "left": left_to_people(solved),
    }


def by_coverage(solved: Solved) -> list[Promise]:
    """Return the intents that the policy answers, least covered first."""
    answerable = [promise for promise in solved.promises if promise.limit is not None]
    return sorted(answerable, key=lambda promise: promise.coverage)


def left_to_people(solved: Solved) -> list[str]:
    """Return the intents that people answer whatever the confidence."""
    return [promise.intent for promise in solved.promises if promise.limit is None]


def share(value: float | None) -> str:
    """Return a share as a percentage, nothing where there is none."""
    return "" if value is None else f"{value:.2%}"


def wrong_of(wrong: int, answered: int) -> str:
    """Return how many are wrong, and their share."""
    return f"{wrong} ({wrong / answered:.2%})" if answered else ""
