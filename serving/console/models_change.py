"""Changing who decides from the console: checked, audited, then on the shelf.

The audit is written in a transaction that ends well only if the shelf was changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import SettingsError, ShelfError
from model.shelf import Candidate, Shelf
from model.uses import CHALLENGER, CHAMPION, NOBODY, BundleRole, live_of, short
from serving.access.audit import Value
from serving.console.by import By
from serving.console.viewer import ADMINS, Viewer
from serving.service import Service
from serving.store.database import writing

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form of the Models page asks for.

    Attributes:
        reason: why; it stands in the history and in the audit.
        seen: the id of the champion that the page showed.
        bundle_id: which bundle is to have a role.
        role: which role.
        against_the_gate: an admin takes it upon themselves.
    """

    reason: str
    seen: str
    bundle_id: str = NOBODY
    role: BundleRole = CHAMPION
    against_the_gate: bool = False


def asked_by(form: Mapping[str, str]) -> Asked:
    """Read a form.

    Raises:
        SettingsError: there is no reason, or one that is too long.
    """
    reason = form.get("reason", "").strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise SettingsError(
            f"Say why, in at most {LONGEST_REASON} characters; nothing was changed."
        )
    return Asked(
        reason=reason,
        seen=form.get("seen", ""),
        bundle_id=form.get("bundle", ""),
        role=CHALLENGER if form.get("role") == CHALLENGER else CHAMPION,
        against_the_gate=form.get("override") == "yes",
    )


def promote(service: Service, viewer: Viewer, asked: Asked) -> str:
    """Give a bundle of the shelf its role; return what was done, in words.

    Raises:
        SettingsError: the gate did not let it through, or the reason is personal.
        ShelfError, BundleError: the shelf cannot be changed so.
        StoreError: the audit cannot be written; nothing was changed.
    """
    shelf = shelf_of(service)
    _refuse_unseen(shelf, asked)
    candidate = shelf.find(asked.bundle_id)
    forced = asked.role == CHAMPION and not candidate.passed
    if forced:
        _refuse_unforced(candidate, viewer, asked)
    _changed(
        service,
        viewer,
        "bundle.promoted",
        _details(asked, candidate.bundle_id, role=asked.role, forced=forced),
        lambda: shelf.promote(
            candidate.bundle_id,
            role=asked.role,
            actor=viewer.actor,
            reason=f"forced: {asked.reason}" if forced else asked.reason,
            at=service.intake.now(),
        ),
    )
    return f"{short(candidate.bundle_id)} is the {asked.role}."


def roll_back(service: Service, viewer: Viewer, asked: Asked) -> str:
    """Go back to the champion before this one; return what was done, in words.

    Raises:
        SettingsError: the reason is personal.
        ShelfError, BundleError: the shelf cannot be changed so.
        StoreError: the audit cannot be written; nothing was changed.
    """
    shelf = shelf_of(service)
    _refuse_unseen(shelf, asked)
    before = _changed(
        service,
        viewer,
        "bundle.rolled_back",
        _details(asked, asked.seen),
        lambda: shelf.rollback(
            actor=viewer.actor, reason=asked.reason, at=service.intake.now()
        ),
    )
    name = short(before) if before != NOBODY else "the service's own bundle"
    return f"Rolled back to {name}."


def withdraw(service: Service, viewer: Viewer, asked: Asked) -> str:
    """Let nobody decide beside the champion; return what was done, in words.

    Raises:
        SettingsError: the reason is personal.
        ShelfError: there is no challenger, or the shelf cannot be changed.
        StoreError: the audit cannot be written; nothing was changed.
    """
    shelf = shelf_of(service)
    use = shelf.live().get(CHALLENGER)
    _changed(
        service,
        viewer,
        "bundle.withdrawn",
        _details(asked, use.bundle_id if use else NOBODY),
        lambda: shelf.withdraw(
            actor=viewer.actor, reason=asked.reason, at=service.intake.now()
        ),
    )
    return "There is no challenger any more."


def shelf_of(service: Service) -> Shelf:
    """Return the shelf that the service follows.

    Raises:
        ShelfError: it follows none.
    """
    if service.watched is None:
        raise ShelfError("This service follows no shelf; start it with --shelf.")
    return service.watched.shelf


def _refuse_unseen(shelf: Shelf, asked: Asked) -> None:
    """Raise ShelfError where somebody else changed the champion meanwhile."""
    use = live_of(shelf.history()).get(CHAMPION)
    now = use.bundle_id if use else NOBODY
    if now != asked.seen:
        by = f" by {use.actor}" if use else ""
        raise ShelfError(
            f"The champion was changed{by} while you looked. Nothing was done; look "
            "again."
        )


def _refuse_unforced(candidate: Candidate, viewer: Viewer, asked: Asked) -> None:
    if viewer.role not in ADMINS:
        raise SettingsError(
            f"{short(candidate.bundle_id)} did not pass the gate; only an admin may "
            "promote it all the same."
        )
    if not asked.against_the_gate:
        raise SettingsError(
            f"{short(candidate.bundle_id)} did not pass the gate; say that you promote "
            "it all the same."
        )


def _details(asked: Asked, bundle_id: str, **more: Value) -> dict[str, Value]:
    return {"bundle": bundle_id, "reason": asked.reason, **more}


def _changed(
    service: Service,
    viewer: Viewer,
    action: str,
    details: Mapping[str, Value],
    change: Callable[[], Any],
) -> Any:
    by = By.viewer(viewer, service)
    with writing(service.engine) as connection:
        try:
            by.note(connection, action, details)
        except ValueError as error:
            raise SettingsError(
                "Why: expected nothing personal, got a telephone number; nothing was "
                "changed."
            ) from error
        return change()
