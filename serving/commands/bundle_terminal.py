"""What the commands of bundles show, in a terminal and to programs."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Column, Table

from model.shelf import Candidate
from model.uses import CHAMPION, NOBODY, BundleRole, Use, live_of, short, to_body

_TIME = "%Y-%m-%d %H:%M"


def _columns() -> tuple[Column | str, ...]:
    """Return the columns of `_cells`; an id that is cut is of no use."""
    return (
        Column("bundle", no_wrap=True),
        Column("since (UTC)", no_wrap=True),
        "by",
        "why",
    )


def table_of_bundles(known: Sequence[Candidate], uses: Sequence[Use]) -> Table:
    """Return what lies on the shelf, with who has a role now."""
    roles = {use.bundle_id: role for role, use in live_of(uses).items()}
    table = Table("bundle", "role", "gate", "came (UTC)")
    for each in known:
        role = roles.get(each.bundle_id, "")
        came = f"{each.added_at:{_TIME}}"
        table.add_row(short(each.bundle_id), role, _gate(each), came)
    return table


def table_of_history(uses: Sequence[Use]) -> Table:
    """Return every change of roles, the oldest first."""
    table = Table("role", *_columns(), "how")
    for use in uses:
        table.add_row(use.role, *_cells(use), use.how.replace("_", " "))
    return table


def table_of_moment(
    moment: datetime, told: Sequence[Use], taken: Sequence[Use]
) -> Table:
    """Return who was live at a moment.

    Args:
        moment: when, in UTC.
        told: whom the shelf named.
        taken: what services had in use, by the store.
    """
    table = Table("", "role", *_columns(), title=f"{moment:{_TIME}} UTC")
    for source, uses in (("the shelf named", told), ("services had", taken)):
        for use in uses:
            table.add_row(source, use.role, *_cells(use))
        if not uses:
            table.add_row(source, CHAMPION, "nobody")
    return table


def to_bodies(known: Sequence[Candidate], uses: Sequence[Use]) -> dict[str, object]:
    """Return what lies on the shelf and its history, for JSON."""
    return {
        "live": {role: to_body(use) for role, use in live_of(uses).items()},
        "bundles": [
            {
                "bundle_id": each.bundle_id,
                "folder": str(each.folder),
                "added_at": each.added_at.isoformat(),
                "passed": each.passed,
                "report": each.report,
            }
            for each in known
        ],
        "history": [to_body(use) for use in uses],
    }


def name_of(bundle_id: str, role: BundleRole) -> str:
    """Return how people call who has a role, or that nobody has it."""
    if bundle_id != NOBODY:
        return short(bundle_id)
    return "(the service's own)" if role == CHAMPION else "(nobody)"


def _cells(use: Use) -> tuple[str, ...]:
    return (
        name_of(use.bundle_id, use.role),
        f"{use.since:{_TIME}}",
        use.actor,
        use.reason,
    )


def _gate(candidate: Candidate) -> str:
    if not candidate.report:
        return "not judged"
    return "passed" if candidate.passed else "failed"
