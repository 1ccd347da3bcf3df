"""Where swaps are measured: the service, its shelf, two bundles, and what is asked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.request import urlopen

from benchmarks.child import Child
from model.bundle import DEFAULT, read_file, read_manifest
from model.manifest import digest, write_manifest
from model.shelf import Shelf
from model.uses import CHAMPION, BundleRole
from serving.routing.ruleset import THRESHOLDS
from training.dataset import read_replies

HELD_OUT = Path(__file__).parent.parent / "data" / "replies_test.csv"
NOON = "2026-11-23T17:00:00+00:00"
"""When all replies came: by night other words would go out."""

_NO_ANSWERS = b'{"intents": {}}'


@dataclass(slots=True)
class Ground:
    """The service, its shelf, two bundles on it, and what is asked.

    Attributes:
        child: the service.
        shelf: what it follows.
        ids: of the default bundle, and of one that answers nothing by model.
        texts: what people say, in turn.
        people: numbers of people, each asked for once.
    """

    child: Child
    shelf: Shelf
    ids: tuple[str, str]
    texts: Sequence[str]
    people: Iterator[int] = field(default_factory=count)

    def promote(self, bundle_id: str, role: BundleRole = CHAMPION) -> None:
        """Give a bundle a role."""
        self.shelf.promote(
            bundle_id, role=role, actor="bench", reason="bench", at=datetime.now(UTC)
        )

    def roll_back(self) -> None:
        """Go back to the champion before."""
        self.shelf.rollback(actor="bench", reason="bench", at=datetime.now(UTC))

    def withdraw(self) -> None:
        """Let nobody decide beside the champion."""
        self.shelf.withdraw(actor="bench", reason="bench", at=datetime.now(UTC))

    def get(self, path: str) -> str:
        """Return what the service answers at `path`."""
        url = f"http://127.0.0.1:{self.child.port}{path}"
        with urlopen(url, timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def request(self, tag: str, number: int) -> bytes:
        """Return the request of that number, from somebody who never wrote."""
        body = json.dumps(
            {
                "message_id": f"{tag}-{number}",
                "from": f"+1555{next(self.people):07d}",
                "to": "+15550199",
                "text": self.texts[number % len(self.texts)],
                "received_at": NOON,
            }
        ).encode()
        return (
            b"POST /v1/route HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )


def some_texts(count: int) -> list[str]:
    """Return so many different texts: the held-out ones, then with a number behind."""
    told = read_replies([HELD_OUT])["text"].tolist()
    rounds = range(count // len(told) + 1)
    texts = [f"{text} {n}" if n else text for n in rounds for text in told]
    return list(dict.fromkeys(texts))[:count]


def without_answers(folder: Path) -> Path:
    """Write the default bundle with no threshold at all; return where."""
    manifest, out = read_manifest(DEFAULT), folder / "without-answers"
    out.mkdir()
    for name in manifest.files:
        data = read_file(DEFAULT, manifest, name) or b""
        (out / name).write_bytes(_NO_ANSWERS if name == THRESHOLDS else data)
    files = {**manifest.files, THRESHOLDS: digest(_NO_ANSWERS)}
    write_manifest(replace(manifest, files=files), out)
    return out
