"""Following the shelf: what it names is loaded aside, then taken into use whole."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from model.bundle import read_manifest
from model.errors import ReplywiseError, ShelfError, StoreError
from model.shelf import STATE, Shelf
from model.uses import CHALLENGER, CHAMPION, NOBODY, BundleRole, Use, short
from serving.live import LiveBundle

LOOK_SECONDS = 1.0
"""A look that finds nothing new asks the file system once."""

AGAIN = 30
"""Looks until what was refused is tried again: a shared folder may bring `shelf.json`
before the bundle that it names."""

SERVICE = "service"
UNPROMOTED = "no bundle is promoted: it decides with its own"
"""Who took into use what nobody promoted, and why."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a service follows.

    Attributes:
        shelf: where bundles are promoted.
        own: the folder of the bundle for as long as nobody is promoted.
        every: seconds from one look to the next.
    """

    shelf: Shelf
    own: Path
    every: float = LOOK_SECONDS

    def champion(self) -> tuple[Path, Use | None]:
        """Return the folder of the bundle that decides, and since when it is to.

        Raises:
            ShelfError: the shelf cannot be read.
        """
        use = self.shelf.live().get(CHAMPION)
        return (self.shelf.folder_of(use.bundle_id) if use else self.own), use


@dataclass(frozen=True, slots=True)
class Refused:
    """What the shelf names and cannot be used; whatever was in use still is.

    Attributes:
        bundle_id: the bundle; "" where the shelf itself cannot be read.
        reason: why, for people.
        since: when it was first refused.
    """

    bundle_id: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Hands:
    """What following the shelf does to the service.

    Attributes:
        load: makes the bundle of that folder and id ready; ReplywiseError where it
            cannot be used.
        take: puts a bundle, or None, into a role: from then on new replies meet it.
        record: puts on record what was taken; StoreError where it could not.
        refuse: counts a refusal.
    """

    load: Callable[[Path, str], LiveBundle]
    take: Callable[[BundleRole, LiveBundle | None], None]
    record: Callable[[Use], None]
    refuse: Callable[[BundleRole], None]


class Watcher:
    """Follows the shelf, one look at a time, on one thread.

    Attributes:
        refused: what cannot be used, by role; replaced, never changed.
    """

    def __init__(
        self,
        watched: Watched,
        live: LiveBundle,
        hands: Hands,
        now: Callable[[], datetime],
    ) -> None:
        self.refused: dict[BundleRole, Refused] = {}
        self._watched = watched
        self._hands = hands
        self._now = now
        self._in_use = {CHAMPION: live.bundle_id, CHALLENGER: NOBODY}
        self._seen: tuple[int, ...] | None = None
        self._done: tuple[int, ...] | None = None
        self._looks = 0
        self._unrecorded: list[Use] = []
        self._begun = False

    def look(self) -> None:
        """Take up what changed since the last look."""
        mark = self._mark()
        self._looks += 1
        again = bool(self.refused) and self._looks % AGAIN == 0
        if mark != self._seen or again or not self._begun:
            self._seen = mark
            self._follow()
            self._done = mark
        self._record()

    def behind(self) -> bool:
        """Return whether the shelf says what was neither taken up nor refused yet."""
        return self._mark() != self._done

    def _mark(self) -> tuple[int, ...]:
        """Return what changes with `shelf.json`, which is replaced, never edited."""
        try:
            told = (self._watched.shelf.root / STATE).stat()
        except OSError:
            return ()
        return told.st_ino, told.st_mtime_ns, told.st_size

    def _follow(self) -> None:
        try:
            last = {use.role: use for use in self._watched.shelf.history()}
        except ShelfError as error:
            self._refuse(CHAMPION, NOBODY, error)
            return
        if not self._begun:
            self._begun = True
            self._took(CHAMPION, last.get(CHAMPION))
        for role in (CHAMPION, CHALLENGER):
            self._fill(role, last.get(role))

    def _fill(self, role: BundleRole, use: Use | None) -> None:
        """Put into a role whom the shelf names for it; nobody else, if that fails."""
        live = None
        try:
            wanted, folder = self._wanted(role, use)
            if wanted not in {self._in_use[role], NOBODY}:
                live = self._hands.load(folder, wanted)
        except Exception as error:  # noqa: BLE001 - what is in use must stay in use
            self._refuse(role, use.bundle_id if use else NOBODY, error)
            return
        self.refused = {r: told for r, told in self.refused.items() if r != role}
        if wanted != self._in_use[role]:
            self._hands.take(role, live)
            self._in_use[role] = wanted
            self._took(role, use)

    def _wanted(self, role: BundleRole, use: Use | None) -> tuple[str, Path]:
        if use is not None and use.bundle_id != NOBODY:
            return use.bundle_id, self._watched.shelf.folder_of(use.bundle_id)
        own = self._watched.own
        return (read_manifest(own).bundle_id if role == CHAMPION else NOBODY), own

    def _took(self, role: BundleRole, use: Use | None) -> None:
        told = use or Use(NOBODY, role, self._now(), SERVICE, UNPROMOTED)
        taken = replace(told, bundle_id=self._in_use[role], since=self._now())
        self._unrecorded.append(taken)

    def _record(self) -> None:
        """Put on record what was taken; what the store cannot take now comes later."""
        try:
            while self._unrecorded:
                self._hands.record(self._unrecorded[0])
                del self._unrecorded[0]
        except StoreError as error:
            _log.warning("a bundle in use is not on record yet: %s", error)

    def _refuse(self, role: BundleRole, bundle_id: str, error: Exception) -> None:
        known = isinstance(error, ReplywiseError)
        # What others say may quote anything.
        reason = str(error) if known else f"does not load: {type(error).__name__}"
        before = self.refused.get(role)
        if before and (before.bundle_id, before.reason) == (bundle_id, reason):
            return
        told = Refused(bundle_id, reason, self._now())
        self.refused = {**self.refused, role: told}
        self._hands.refuse(role)
        _log.error("the %s %s is refused: %s", role, short(bundle_id), reason)
