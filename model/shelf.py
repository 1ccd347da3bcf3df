"""The shelf: a folder of bundles, and which of them services are to decide with.

<root>/bundles/<first 12 digits of the id>/   a bundle, verified, whole or not there
<root>/bundles/<the same>.report.json         what was found of it before it came here
<root>/shelf.json                             every change of roles; the last ones hold

Whoever promotes writes `shelf.json` in one step; services look at it and load what it
names. Several processes may write at once, and may end at any point: what they left
half-done is nowhere to be seen, and is swept up by the next that adds a bundle.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from model.bundle import read_manifest
from model.bundle_copy import copy_bundle, sweep, verify
from model.durable import PART, replace_file
from model.errors import BundleError, ShelfError
from model.file_lock import locked
from model.uses import (
    CHALLENGER,
    NOBODY,
    BundleRole,
    How,
    Use,
    from_body,
    live_of,
    promoted,
    rolled_back,
    short,
    to_body,
    withdrawn,
)

FORMAT = 1
"""The format of `shelf.json` that this version writes and reads."""

STATE = "shelf.json"
WAIT_SECONDS = 10.0
"""As long as a bundle of a few hundred megabytes takes to be copied."""

_REPORT = ".report.json"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bundle on the shelf.

    Attributes:
        bundle_id: its identity.
        folder: where it lies.
        added_at: when it came here, with its report, in UTC.
        report: what the gate found of it; empty where there is none. `passed` (true or
            false) says whether it may be promoted.
    """

    bundle_id: str
    folder: Path
    added_at: datetime
    report: Mapping[str, object]

    @property
    def passed(self) -> bool:
        """Whether the gate let it through."""
        return self.report.get("passed") is True


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of bundles, made when something is first put there.

    Attributes:
        root: the folder.
        wait_seconds: how long another process that changes it is waited for.
    """

    root: Path
    wait_seconds: float = WAIT_SECONDS

    def add(
        self,
        bundle_folder: Path,
        report: Mapping[str, object],
        *,
        at: datetime | None = None,
    ) -> str:
        """Copy a bundle here, whole or not at all, and keep its report beside it.

        A bundle that lies here already gets the new report; one that was damaged here
        is replaced.

        Args:
            bundle_folder: the bundle; only what its manifest lists is copied.
            report: what the gate found, for JSON.
            at: when it came (aware); left out, by the clock of the file system.

        Returns:
            The bundle's id.

        Raises:
            BundleError: the bundle is missing, damaged or of another format.
            ShelfError: it cannot be written here.
        """
        bundle_id = read_manifest(bundle_folder).bundle_id
        with self._changing():
            sweep(self.root)
            sweep(self._bundles)
            place = self.folder_of(bundle_id)
            copy_bundle(bundle_folder, place)
            path = _report_of(place)
            replace_file(path, json.dumps(dict(report), indent=1) + "\n")
            if at is not None:
                os.utime(path, (at.timestamp(), at.timestamp()))
        return bundle_id

    def candidates(self) -> list[Candidate]:
        """Return every bundle that can be read, the latest first."""
        found = []
        for folder in self._bundles.glob("*"):
            try:
                if folder.suffix not in {PART, ".json"}:
                    found.append(_candidate(folder))
            except BundleError:
                continue  # Of another version, or damaged: nobody can choose it.
        return sorted(found, key=lambda c: (c.added_at, c.bundle_id), reverse=True)

    def find(self, text: str) -> Candidate:
        """Return the bundle whose id is, or begins with, `text`.

        Raises:
            ShelfError: there is none, or more than one.
        """
        digits = text.removeprefix("sha256:")
        known = self.candidates()
        found = [c for c in known if digits and _digits(c.bundle_id).startswith(digits)]
        if len(found) != 1:
            ids = ", ".join(short(c.bundle_id) for c in known) or "nothing"
            many = "several bundles begin" if found else "no bundle begins"
            raise ShelfError(f"{self.root}: {many} with {text!r}; here lie: {ids}")
        return found[0]

    def folder_of(self, bundle_id: str) -> Path:
        """Return where the bundle of that id lies, or would."""
        return self._bundles / short(bundle_id)

    def promote(
        self,
        bundle_id: str,
        *,
        role: BundleRole,
        actor: str,
        reason: str,
        at: datetime,
    ) -> None:
        """Give a bundle its role; services that watch take it up.

        Whether it may have the role is for the caller to judge: the shelf sees to it
        that the bundle is here and undamaged.

        Raises:
            BundleError: the bundle is not here, or damaged.
            ShelfError: it has the role already, or the shelf cannot be written.
        """
        use = Use(bundle_id, role, _utc(at), actor, _told(reason), How.PROMOTED)
        self._change(lambda uses: promoted(uses, use))

    def rollback(self, *, actor: str, reason: str, at: datetime) -> str:
        """Go back to the champion before this one, which stays here as a candidate.

        Returns:
            The id of the bundle that decides now; "" where nothing was promoted before:
            services go back to the bundle that they were started with.

        Raises:
            BundleError: the bundle before is gone, or damaged.
            ShelfError: there is no champion, or the shelf cannot be written.
        """
        when, why = _utc(at), _told(reason)
        added = self._change(
            lambda uses: rolled_back(uses, actor=actor, reason=why, at=when)
        )
        return added[0].bundle_id

    def withdraw(
        self,
        role: BundleRole = CHALLENGER,
        *,
        actor: str,
        reason: str,
        at: datetime,
    ) -> None:
        """Leave a role empty.

        Raises:
            ShelfError: nobody has it, or the shelf cannot be written.
        """
        when, why = _utc(at), _told(reason)
        self._change(
            lambda uses: withdrawn(uses, role, actor=actor, reason=why, at=when)
        )

    def live(self) -> Mapping[BundleRole, Use]:
        """Return who has each role; a role that nobody has is left out."""
        return live_of(self.history())

    def history(self) -> list[Use]:
        """Return every change of roles, the oldest first.

        Raises:
            ShelfError: `shelf.json` cannot be read.
        """
        path = self.root / STATE
        try:
            body = json.loads(path.read_bytes())
            if body["format"] != FORMAT:
                raise ShelfError(
                    f"{path}: format {body['format']}, but this version of replywise "
                    f"reads format {FORMAT}; upgrade replywise"
                )
            return [from_body(each) for each in body["uses"]]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise ShelfError(f"{path}: {error.strerror}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise ShelfError(f"{path}: is no record of a shelf; restore it") from error

    @property
    def _bundles(self) -> Path:
        return self.root / "bundles"

    def _change(self, change: Callable[[list[Use]], list[Use]]) -> list[Use]:
        """Add to the history what `change` makes of it; all of it or nothing."""
        with self._changing():
            uses = self.history()
            added = change(uses)
            for use in added:
                if use.bundle_id != NOBODY:
                    verify(self.folder_of(use.bundle_id), use.bundle_id)
            bodies = [to_body(use) for use in (*uses, *added)]
            text = json.dumps({"format": FORMAT, "uses": bodies}, indent=1)
            replace_file(self.root / STATE, text + "\n")
        return added

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            self._bundles.mkdir(parents=True, exist_ok=True)
            with locked(self.root / ".lock", self.wait_seconds):
                yield
        except TimeoutError as error:
            raise ShelfError(
                f"{self.root}: another process is changing this shelf; try again when "
                "it is done"
            ) from error
        except OSError as error:
            raise ShelfError(f"{self.root}: {error.strerror or error}") from error


def _candidate(folder: Path) -> Candidate:
    manifest = read_manifest(folder)
    path = _report_of(folder)
    try:
        report = json.loads(path.read_bytes())
        seconds = path.stat().st_mtime
    except (OSError, ValueError):
        report, seconds = {}, folder.stat().st_mtime
    added_at = datetime.fromtimestamp(seconds, UTC)
    return Candidate(manifest.bundle_id, folder, added_at, report)


def _report_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_REPORT}")


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("at: expected a moment with its zone")
    return at.astimezone(UTC)


def _told(reason: str) -> str:
    if not reason.strip():
        raise ShelfError("expected a reason; it stands in the history")
    return reason.strip()


def _digits(bundle_id: str) -> str:
    return bundle_id.removeprefix("sha256:")
