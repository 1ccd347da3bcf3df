"""The manifest of a bundle: what is in the folder, who made it and from what."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path

from model.errors import BundleFormat

FORMAT = 2
"""The bundle format that this version writes and reads."""

MANIFEST = "manifest.json"

Json = Mapping[str, object]
"""A JSON object that is carried along and shown, not interpreted."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A reply with the answer that the bundle gave when it was made."""

    text: str
    intent: str
    confidence: float
    sentiment: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle promises about itself.

    Attributes:
        format: version of the folder's layout.
        created_at: when it was made, ISO 8601 with zone.
        intents: the intents, in the order of the graph's columns.
        sentiments: the sentiments, in the order of the graph's columns.
        max_tokens: replies are cut to so many tokens before the graph sees them.
        files: every other file of the folder with its SHA-256, in hex.
        provenance: data, encoder and code digests, versions, seed.
        metrics: what was measured on rows that were held out.
        golden: replies that are replayed when the bundle is loaded.
        signals: what the confidence is made of, in the order of the graph's columns;
            empty where the graph does not say.
    """

    format: int
    created_at: str
    intents: tuple[str, ...]
    sentiments: tuple[str, ...]
    max_tokens: int
    files: Mapping[str, str]
    provenance: Json
    metrics: Json
    golden: tuple[Golden, ...]
    signals: tuple[str, ...] = ()

    @property
    def bundle_id(self) -> str:
        """The bundle's identity: a digest of everything the manifest says."""
        canonical = json.dumps(_body(self), sort_keys=True, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data`, in hex."""
    return hashlib.sha256(data).hexdigest()


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write `manifest.json`, its identity first for the reader's eye."""
    body = {"id": manifest.bundle_id, **_body(manifest)}
    text = json.dumps(body, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def parse_manifest(data: bytes, folder: Path) -> Manifest:
    """Read a manifest.

    Raises:
        BundleFormat: it is not a manifest, or of a format that is not read here.
    """
    try:
        body = json.loads(data)
    except ValueError as error:
        raise BundleFormat(folder, f"{MANIFEST} is not JSON: {error}") from error
    version = body.get("format") if isinstance(body, dict) else None
    if not isinstance(version, int):
        raise BundleFormat(folder, f"{MANIFEST} names no format; is this a bundle?")
    if version != FORMAT:
        raise BundleFormat(
            folder,
            f"bundle format {version}, but this version of replywise reads format "
            f"{FORMAT}; {'upgrade replywise' if version > FORMAT else 'train again'}",
        )
    needed = [f.name for f in fields(Manifest) if f.default is MISSING]
    missing = [name for name in needed if name not in body]
    if missing:
        raise BundleFormat(folder, f"{MANIFEST} lacks {', '.join(missing)}")
    try:
        return Manifest(
            format=version,
            created_at=str(body["created_at"]),
            intents=tuple(map(str, body["intents"])),
            sentiments=tuple(map(str, body["sentiments"])),
            max_tokens=int(body["max_tokens"]),
            files={str(k): str(v) for k, v in body["files"].items()},
            provenance=dict(body["provenance"]),
            metrics=dict(body["metrics"]),
            golden=tuple(_golden(row) for row in body["golden"]),
            signals=tuple(map(str, body.get("signals", ()))),
        )
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise BundleFormat(folder, f"{MANIFEST} is malformed: {error}") from error


def _body(manifest: Manifest) -> dict[str, object]:
    """Return what is written; what a bundle does not have leaves its identity alone."""
    body = asdict(manifest)
    return body if manifest.signals else {k: body[k] for k in body if k != "signals"}


def _golden(row: Mapping[str, str]) -> Golden:
    return Golden(
        text=str(row["text"]),
        intent=str(row["intent"]),
        confidence=float(row["confidence"]),
        sentiment=str(row["sentiment"]),
    )
