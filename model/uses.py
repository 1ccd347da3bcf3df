"""Which bundle was in use when: a history that only grows, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from model.errors import ShelfError

BundleRole = Literal["champion", "challenger"]
CHAMPION: BundleRole = "champion"
"""Decides."""
CHALLENGER: BundleRole = "challenger"
"""Decides beside the champion, and never speaks."""
_ROLES: Mapping[str, BundleRole] = {CHAMPION: CHAMPION, CHALLENGER: CHALLENGER}

NOBODY = ""
"""The id where a role is left empty: services decide with the bundle that they were
started with, and nobody decides beside it."""


class How(StrEnum):
    """How a bundle came into its role."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Use:
    """A change of who has a role; it holds until the next one of that role.

    Attributes:
        bundle_id: who has it from then on; "" where nobody has.
        role: "champion" or "challenger".
        since: when, in UTC.
        actor: who changed it.
        reason: why.
        how: by a promotion, a roll back, or by being withdrawn.
    """

    bundle_id: str
    role: BundleRole
    since: datetime
    actor: str
    reason: str
    how: How = How.PROMOTED


def live_of(uses: Iterable[Use]) -> dict[BundleRole, Use]:
    """Return who has each role in the end; a role that nobody has is left out."""
    last = {use.role: use for use in uses}
    return {role: use for role, use in last.items() if use.bundle_id != NOBODY}


def live_at(uses: Iterable[Use], moment: datetime) -> dict[BundleRole, Use]:
    """Return who had each role at `moment` (aware)."""
    return live_of(use for use in uses if use.since <= moment)


def champions(uses: Iterable[Use]) -> list[str]:
    """Return the champions that rolling back goes through, the present one last."""
    ids: list[str] = []
    for use in uses:
        if use.role == CHAMPION:
            if use.how is How.ROLLED_BACK:
                ids.pop()
            else:
                ids.append(use.bundle_id)
    return ids


def promoted(uses: Sequence[Use], use: Use) -> list[Use]:
    """Return what `use` adds to `uses`.

    Raises:
        ShelfError: the bundle has that role already, or is the champion.
    """
    live = live_of(uses)
    for role in (use.role, CHAMPION):
        if role in live and live[role].bundle_id == use.bundle_id:
            raise ShelfError(f"{short(use.bundle_id)} is the {role} already")
    return [use, *_without_shadow_of_itself(live, use)]


def rolled_back(
    uses: Sequence[Use], *, actor: str, reason: str, at: datetime
) -> list[Use]:
    """Return what going back to the champion before this one adds to `uses`.

    Raises:
        ShelfError: nothing was promoted that could be taken back.
    """
    ids = champions(uses)
    if not ids:
        raise ShelfError(
            "there is no champion to roll back: services decide with the bundle that "
            "they were started with"
        )
    before = ids[-2] if len(ids) > 1 else NOBODY
    use = Use(before, CHAMPION, at, actor, reason, How.ROLLED_BACK)
    return [use, *_without_shadow_of_itself(live_of(uses), use)]


def withdrawn(
    uses: Sequence[Use], role: BundleRole, *, actor: str, reason: str, at: datetime
) -> list[Use]:
    """Return what leaving a role empty adds to `uses`.

    Raises:
        ShelfError: nobody has it.
    """
    if role not in live_of(uses):
        raise ShelfError(f"there is no {role} to withdraw")
    return [Use(NOBODY, role, at, actor, reason, How.WITHDRAWN)]


def to_body(use: Use) -> dict[str, str]:
    """Return a use for JSON."""
    return {**asdict(use), "since": use.since.isoformat(), "how": use.how.value}


def from_body(body: Mapping[str, str]) -> Use:
    """Read a use back; KeyError, TypeError or ValueError where it is none."""
    return Use(
        bundle_id=body["bundle_id"],
        role=_ROLES[body["role"]],
        since=datetime.fromisoformat(body["since"]).astimezone(UTC),
        actor=body["actor"],
        reason=body["reason"],
        how=How(body["how"]),
    )


def short(bundle_id: str) -> str:
    """Return the first twelve digits of an id, for people and for folders."""
    return bundle_id.removeprefix("sha256:")[:12]


def _without_shadow_of_itself(live: Mapping[BundleRole, Use], use: Use) -> list[Use]:
    """Return the challenger's withdrawal where it becomes champion."""
    shadow = live.get(CHALLENGER)
    if use.role == CHAMPION and shadow and shadow.bundle_id == use.bundle_id:
        reason = "became the champion"
        return [Use(NOBODY, CHALLENGER, use.since, use.actor, reason, How.WITHDRAWN)]
    return []
