"""What a long command tells while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


class Steps:
    """Shows each step of a recipe, with a bar where its length is known."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(
        self, title: str, total: int | None = None
    ) -> Iterator[Callable[[int], None]]:
        """Show one step; the function that is given advances its bar."""
        began = perf_counter()
        columns = [TextColumn("{task.description}"), BarColumn()]
        if total is not None:
            columns.append(MofNCompleteColumn())
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda count: bar.advance(task, count)
        seconds = perf_counter() - began
        self._console.print(f"{title:<44}{seconds:7.1f} s", highlight=False)
