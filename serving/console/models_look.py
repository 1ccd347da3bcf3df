"""What the Models page reads: the shelf, what the service has in use, the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from model.uses import (
    CHALLENGER,
    CHAMPION,
    NOBODY,
    BundleRole,
    Use,
    champions,
    live_at,
    live_of,
    short,
)
from serving.bundles.comparison import examples, last_span
from serving.bundles.uses import in_use_at
from serving.bundles.watcher import Refused
from serving.console.models_change import shelf_of
from serving.console.models_view import (
    SHOWN,
    Compared,
    Shown,
    change_in_words,
    compared,
    shown,
)
from serving.routing.flips import FlipKind
from serving.service import Service
from serving.since import moment_of
from serving.store.database import reading


@dataclass(frozen=True, slots=True)
class Seat:
    """One role, as the page shows it.

    Attributes:
        role: "champion" or "challenger".
        name: how people call who has it in this service; empty where nobody has.
        use: since when, by whom and why; None where that is not known.
        coming: how people call whom the shelf names instead; empty where it is the
            same.
        refused: what the service could not take up.
        refused_name: how people call that.
    """

    role: BundleRole
    name: str
    use: Use | None
    coming: str
    refused: Refused | None
    refused_name: str


@dataclass(frozen=True, slots=True)
class Seats:
    """Both roles.

    Attributes:
        champion: who decides.
        challenger: who decides beside it.
        behind: the service has not taken up yet what the shelf says.
        seen: the champion's id by the shelf, for forms.
        before: how people call whom a roll back goes to; None where there is none.
    """

    champion: Seat
    challenger: Seat
    behind: bool
    seen: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """All that the page shows.

    Attributes:
        seats: the roles.
        bundles: what lies on the shelf, the latest first.
        compared: the last challenger beside its champion; None where there was none.
        left_out: replies since the start that the challenger had no time for.
        history: changes of roles in words with their use, the latest first.
        more: how many earlier changes are not shown.
        shelf: where it is.
    """

    seats: Seats
    bundles: Sequence[Shown]
    compared: Compared | None
    left_out: int
    history: Sequence[tuple[str, Use]]
    more: int
    shelf: str


def seats(service: Service) -> Seats:
    """Return who decides, and who decides beside.

    Raises:
        ShelfError: the service follows no shelf, or it cannot be read.
        StoreError: the record cannot be read.
    """
    return _seats(service, shelf_of(service).history())


def look(service: Service) -> Look:
    """Return all that the page shows.

    Raises:
        ShelfError: the service follows no shelf, or it cannot be read.
        StoreError: the record cannot be read.
    """
    shelf = shelf_of(service)
    uses = shelf.history()
    told = _seats(service, uses)
    champion = service.live.bundle_id
    left_out = service.metrics.registry.get_sample_value(
        "replywise_shadow_left_out_total"
    )
    return Look(
        seats=told,
        bundles=[shown(each, uses, champion) for each in shelf.candidates()],
        compared=_compared(service, uses),
        left_out=int(left_out or 0),
        history=[(change_in_words(use), use) for use in reversed(uses[-SHOWN:])],
        more=max(len(uses) - SHOWN, 0),
        shelf=str(shelf.root),
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """Who was live at a moment.

    Attributes:
        at: when, in UTC.
        taken: whom services had in use, by the record.
        told: whom the shelf named.
    """

    at: datetime
    taken: Sequence[Use]
    told: Sequence[Use]


def moment_told(service: Service, text: str) -> Moment:
    """Return who was live at the moment that `text` says, without a zone in UTC.

    Raises:
        SettingsError: it says none.
        ShelfError: the service follows no shelf, or it cannot be read.
        StoreError: the record cannot be read.
    """
    at = moment_of(text, "Moment", service.intake.now())
    with reading(service.engine) as connection:
        uses = [in_use_at(connection, role, at) for role in (CHAMPION, CHALLENGER)]
    taken = [use for use in uses if use is not None and use.bundle_id != NOBODY]
    told = live_at(shelf_of(service).history(), at)
    return Moment(at, taken, tuple(told.values()))


def _seats(service: Service, uses: Sequence[Use]) -> Seats:
    live, ids, beside = live_of(uses), champions(uses), service.shadow.challenger
    in_use: dict[BundleRole, str] = {
        CHAMPION: service.live.bundle_id,
        CHALLENGER: beside.bundle_id if beside else NOBODY,
    }
    told = {role: _seat(service, role, i, live.get(role)) for role, i in in_use.items()}
    return Seats(
        champion=told[CHAMPION],
        challenger=told[CHALLENGER],
        behind=service.watcher is not None and service.watcher.behind(),
        seen=ids[-1] if ids else NOBODY,
        before=_before(ids),
    )


def _seat(
    service: Service, role: BundleRole, bundle_id: str, named: Use | None
) -> Seat:
    """Return a role that `bundle_id` has in this service, and `named` by the shelf."""
    use = named
    if use is None or use.bundle_id != bundle_id:
        # Until it is taken up, and where nobody is promoted, the record knows better.
        with reading(service.engine) as connection:
            use = in_use_at(connection, role, service.intake.now())
    refused = service.watcher.refused.get(role) if service.watcher else None
    return Seat(
        role=role,
        name=short(bundle_id),
        use=use if use and use.bundle_id == bundle_id else None,
        coming=short(named.bundle_id) if named and named.bundle_id != bundle_id else "",
        refused=refused,
        refused_name=short(refused.bundle_id) if refused else "",
    )


def _before(ids: Sequence[str]) -> str | None:
    if not ids:
        return None
    return short(ids[-2]) if len(ids) > 1 else "the service's own bundle"


def _compared(service: Service, uses: Sequence[Use]) -> Compared | None:
    span = last_span(uses)
    if span is None:
        return None
    with reading(service.engine) as connection:
        found = service.tally.counts(connection, span, service.intake.now())
        flips = {
            kind: examples(connection, span, kind) for kind in FlipKind if found[kind]
        }
    return compared(span, found, flips)
