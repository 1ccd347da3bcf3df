"""How far a replay came, on disk: what is stopped goes on where it was.

JSON lines: first what was asked, then one line a page. A line that was cut short by a
crash is dropped, and its page decided again. The file holds people's words and belongs
to whoever runs the replay.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from model.errors import InputError
from serving.replay.flip_row import FlipRow, from_body
from serving.replay.page import Page
from serving.replay.rows import Place, Span
from serving.replay.tally import Tally

FORMAT = 1
"""The format that this version writes and goes on with."""

OWN = 0o600
"""Nobody but the owner reads what holds people's words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a replay was asked for; only the very same is gone on with.

    Attributes:
        bundle: id of the candidate.
        same_model: ids of bundles whose readings stand.
            store: its address without the password.
        since: as it was typed, "30d".
        until: as it was typed; None for the moment of the start.
        program: id of the program; None for all.
    """

    bundle: str
    same_model: tuple[str, ...]
    store: str
    since: str
    until: str | None
    program: str | None


@dataclass(slots=True)
class Course:
    """A replay under way.

    Attributes:
        span: which decisions, as first asked.
        tally: of the pages so far.
        after: where they end; None before the first.
    """

    span: Span
    tally: Tally
    after: Place | None = None

    def add(self, page: Page) -> None:
        """Count a page."""
        self.tally.add(page)
        self.after = page.last


class ProgressFile:
    """The file of one replay; `course` is where it stands."""

    def __init__(self, path: Path, asked: Asked, span: Span) -> None:
        """Go on with `path` where the same was asked before, else begin it anew.

        Raises:
            InputError: it cannot be read or written.
        """
        self.path = path
        found = _found(path, asked)
        self.course, whole = found or (Course(span, Tally()), 0)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, OWN)
            os.truncate(handle, whole)
            self._file: IO[bytes] = os.fdopen(handle, "r+b")
        except OSError as error:
            raise InputError(path, error.strerror or "cannot be written") from error
        self._file.seek(whole)
        if not found:
            self._write(_head(asked, span))

    def add(self, page: Page) -> None:
        """Count a page and put it on disk.

        Raises:
            InputError: the disk is full, or the file cannot be written any more.
        """
        self.course.add(page)
        self._write(_page_body(page))

    def close(self) -> None:
        """Leave the file as it stands."""
        self._file.close()

    def _write(self, body: object) -> None:
        try:
            self._file.write(json.dumps(body, separators=(",", ":")).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise InputError(
                self.path, error.strerror or "cannot be written"
            ) from error


def flips_in(path: Path) -> Iterator[tuple[FlipRow, ...]]:
    """Yield the flips of each page, in the order of the record."""
    with path.open("rb") as file:
        next(file)
        for line in file:
            yield _page(json.loads(line)).flips


def _found(path: Path, asked: Asked) -> tuple[Course, int] | None:
    """Return what stands in a file of the same replay, and how many bytes are whole."""
    try:
        with path.open("rb") as file:
            head = _line(file)
            if head is None or head.get("asked") != _head(asked, None)["asked"]:
                return None
            course, whole = Course(_span(head["span"]), Tally()), file.tell()
            while (body := _line(file)) is not None:
                course.add(_page(body))
                whole = file.tell()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be read") from error
    return course, whole


def _line(file: IO[bytes]) -> dict[str, Any] | None:
    """Return the next line; None at the end, or where it was cut short."""
    line = file.readline()
    try:
        body = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _head(asked: Asked, span: Span | None) -> dict[str, Any]:
    told = asdict(asked) | {"format": FORMAT, "same_model": list(asked.same_model)}
    if span is None:
        return {"asked": told}
    moments = {"since": span.since.isoformat(), "until": span.until.isoformat()}
    return {"asked": told, "span": {**moments, "program": span.program}}


def _span(body: dict[str, Any]) -> Span:
    since, until = (datetime.fromisoformat(body[name]) for name in ("since", "until"))
    return Span(since, until, body["program"])


def _page_body(page: Page) -> dict[str, Any]:
    return {
        "last": [page.last.recorded_at.isoformat(), page.last.decision_id],
        "erased": page.erased,
        "unreadable": page.unreadable,
        "read_anew": page.read_anew,
        "actions": [[*names, count] for names, count in page.actions.items()],
        "flips": [flip.to_body() for flip in page.flips],
    }


def _page(body: dict[str, Any]) -> Page:
    moment, decision_id = body["last"]
    return Page(
        last=Place(datetime.fromisoformat(moment), decision_id),
        erased=body["erased"],
        unreadable=body["unreadable"],
        read_anew=body["read_anew"],
        actions=Counter({(p, b, a): count for p, b, a, count in body["actions"]}),
        flips=tuple(map(from_body, body["flips"])),
    )
