"""What `replywise gate`, `promote` and `registry` do once their packages are there."""

import json as jsonlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from model.bundle import DEFAULT, read_manifest
from model.files import refuse_place, written
from model.shelf import Shelf
from model.uses import CHAMPION, BundleRole, Use, promoted, short
from training.gate.report import GateReport
from training.gate.run import GateRequest, judge_bundle
from training.gate.show import print_report
from training.progress import Steps
from training.registry import follow, keep
from training.tracking import Version

REFUSED = 1
"""What the commands exit with where a bundle does not pass."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a bundle is to become, who wants it and why.

    Attributes:
        role: "champion" or "challenger".
        actor: who wants it.
        reason: why.
        force: put it to use whatever the gate says.
    """

    role: BundleRole
    actor: str
    reason: str
    force: bool


@dataclass(frozen=True, slots=True)
class Clocks:
    """What time it is, and seconds that never go back."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]


def champion_of(shelf: Shelf) -> Path:
    """Return the folder of the bundle that decides: the shelf's, else the default."""
    use = shelf.live().get(CHAMPION)
    return shelf.folder_of(use.bundle_id) if use else DEFAULT


def request_of(
    candidate: Path,
    champion: Path,
    gate: Path | None,
    *,
    data: Sequence[Path] | None,
    reviewed: Sequence[Path] | None,
) -> GateRequest:
    """Return what the commands ask for: what is left out is an empty list."""
    return GateRequest(
        *(candidate, champion, gate), tuple(data or ()), tuple(reviewed or ())
    )


def run_gate(
    request: GateRequest, clocks: Clocks, *, json: Path | None, console: Console
) -> int:
    """Judge a bundle; return 0 where it passes, else `REFUSED`."""
    if json:
        refuse_place(json)
    report = judge_bundle(
        request, Steps(console), at=clocks.now(), clock=clocks.seconds
    )
    _tell(report, json, console)
    return 0 if report.passed else REFUSED


def run_promote(
    request: GateRequest,
    wanted: Wanted,
    shelf: Shelf,
    clocks: Clocks,
    *,
    tracking: Path,
    json: Path | None,
    console: Console,
) -> int:
    """Judge a bundle, register it, put it on the shelf; give it its role if it passes.

    Returns:
        0 where it has the role, else `REFUSED`.

    Raises:
        ShelfError: it has that role already, or the shelf cannot be written.
    """
    _refuse_again(request.candidate, wanted, shelf, clocks)
    if json:
        refuse_place(json)
    steps = Steps(console)
    judged = judge_bundle(request, steps, at=clocks.now(), clock=clocks.seconds)
    report = judged.wanted(wanted.reason, wanted.actor, force=wanted.force)
    with steps.step("Registering, and putting it on the shelf"):
        number = keep(request.candidate, report, tracking)
        shelf.add(request.candidate, report.body(), at=clocks.now())
        if report.passed or report.forced:
            shelf.promote(
                report.bundle,
                role=wanted.role,
                actor=wanted.actor,
                reason=f"forced: {wanted.reason}" if report.forced else wanted.reason,
                at=clocks.now(),
            )
        follow(shelf.live(), tracking)
    _tell(report, json, console)
    _conclude(report, wanted, shelf, number, console)
    return 0 if report.passed or report.forced else REFUSED


def run_registry(shelf: Shelf, tracking: Path, console: Console) -> None:
    """Make the aliases say who is live, and list what is registered."""
    table = Table("version", "bundle", "registered", "gate", "alias")
    for version in follow(shelf.live(), tracking):
        table.add_row(*_row(version))
    console.print(table)


def _refuse_again(
    candidate: Path, wanted: Wanted, shelf: Shelf, clocks: Clocks
) -> None:
    """Raise ShelfError before the work where the shelf would refuse after it."""
    bundle_id = read_manifest(candidate).bundle_id
    use = Use(bundle_id, wanted.role, clocks.now(), wanted.actor, wanted.reason)
    promoted(shelf.history(), use)


def _tell(report: GateReport, json: Path | None, console: Console) -> None:
    print_report(report, console)
    if json:
        with written(json) as part:
            text = jsonlib.dumps(report.body(), indent=1)
            part.write_text(text + "\n", encoding="utf-8")


def _conclude(
    report: GateReport, wanted: Wanted, shelf: Shelf, number: str, console: Console
) -> None:
    name = short(report.bundle)
    if report.forced:
        told = f"forced: {name} is the {wanted.role} in spite of that"
    elif report.passed:
        told = f"{name} is the {wanted.role} now"
    else:
        told = f"{name} is not promoted; it lies on the shelf as a candidate"
    console.print(f"{told}\nshelf     {shelf.root}", highlight=False)
    console.print(f"registry  replywise, version {number}", highlight=False)


def _row(version: Version) -> Sequence[str]:
    return (
        version.number,
        short(version.bundle_id),
        f"{version.registered_at:%Y-%m-%d %H:%M}",
        version.tags.get("gate", ""),
        ", ".join(version.aliases),
    )
