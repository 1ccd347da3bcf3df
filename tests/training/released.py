"""Four promotions in a row, of small bundles: what each told and left behind."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from rich.console import Console

from model.shelf import Shelf
from model.uses import BundleRole
from tests.training.gate import small_bundles
from training.cli import TRACKING
from training.gate.run import GateRequest
from training.gate_commands import Clocks, Wanted, champion_of, run_promote
from training.registry import follow
from training.release_cli import DATA_DIR, SHELF
from training.tracking import Version

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One call of `replywise promote`.

    Attributes:
        code: what it returned.
        told: what it printed.
        live: bundle ids by role afterwards.
        versions: what was registered afterwards.
    """

    code: int
    told: str
    live: Mapping[BundleRole, str]
    versions: list[Version]


@dataclass(frozen=True, slots=True)
class Released:
    """Where the promotions went, and what came of each."""

    folder: Path
    shelf: Shelf
    tracking: Path
    steps: list[Step]


def make_released(folder: Path) -> Released:
    """Promote a good bundle, a broken one, that one by force, and another good one."""
    gate = small_bundles.judged_on(folder)
    shelf, tracking = Shelf(folder / DATA_DIR / SHELF), folder / TRACKING
    good = small_bundles.good(folder / "good")
    broken = small_bundles.broken_on_refunds(folder / "broken")
    other = small_bundles.good(folder / "other", made=2)
    wanted: list[tuple[Path, BundleRole, bool]] = [
        (good, "champion", False),
        (broken, "champion", False),
        (broken, "challenger", True),
        (other, "champion", False),
    ]
    steps: list[Step] = []
    for bundle, role, force in wanted:
        # The first has no champion before it but itself.
        before = champion_of(shelf) if steps else good
        page = io.StringIO()
        code = run_promote(
            GateRequest(bundle, before, gate),
            Wanted(role, "ada", "to see", force=force),
            *(shelf, Clocks(lambda: NOON, _ticks())),
            tracking=tracking,
            json=folder / "gate.json",
            console=Console(file=page, width=200),
        )
        live = {who: use.bundle_id for who, use in shelf.live().items()}
        versions = follow(shelf.live(), tracking)
        steps.append(Step(code, page.getvalue(), live, versions))
    return Released(folder, shelf, tracking, steps)


def _ticks() -> Callable[[], float]:
    numbers = count()
    return lambda: next(numbers) / 1000
