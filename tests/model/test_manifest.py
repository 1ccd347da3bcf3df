import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import BundleFormat
from model.manifest import (
    FORMAT,
    MANIFEST,
    Golden,
    Manifest,
    digest,
    parse_manifest,
    write_manifest,
)

PLACE = Path("bundle")
MADE = Manifest(
    format=FORMAT,
    created_at="2026-11-23T12:00:00+00:00",
    intents=("opt_out", "other"),
    sentiments=("negative", "neutral", "positive"),
    max_tokens=64,
    files={"model.onnx": digest(b"graph")},
    provenance={"seed": 7, "versions": {"python": "3.11"}},
    metrics={"intent_accuracy": 0.9},
    golden=(Golden("no más, “please”", "opt_out", 0.97, "neutral"),),
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
MANIFESTS = st.builds(
    Manifest,
    format=st.just(FORMAT),
    created_at=WORDS,
    intents=st.lists(WORDS).map(tuple),
    sentiments=st.lists(WORDS).map(tuple),
    max_tokens=st.integers(1, 512),
    files=st.dictionaries(WORDS, WORDS),
    provenance=st.dictionaries(WORDS, WORDS | st.integers() | st.none()),
    metrics=st.dictionaries(WORDS, st.floats(allow_nan=False)),
    golden=st.lists(
        st.builds(Golden, WORDS, WORDS, st.floats(0, 1), WORDS), max_size=3
    ).map(tuple),
    signals=st.lists(WORDS, max_size=3).map(tuple),
)


def written(manifest: Manifest, folder: Path) -> Manifest:
    write_manifest(manifest, folder)
    return parse_manifest((folder / MANIFEST).read_bytes(), folder)


def as_json(**changes: object) -> bytes:
    body = {name: getattr(MADE, name) for name in MADE.__slots__}
    body["golden"] = [
        {"text": "hi", "intent": "other", "confidence": 1, "sentiment": "neutral"}
    ]
    return json.dumps(body | changes).encode()


@settings(deadline=None)
@given(manifest=MANIFESTS)
def test_what_is_written_is_what_is_read(
    manifest: Manifest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bundle")

    again = written(manifest, folder)

    assert again == manifest
    assert again.bundle_id == manifest.bundle_id


def test_the_file_opens_with_the_identity(tmp_path: Path) -> None:
    write_manifest(MADE, tmp_path)

    body = json.loads((tmp_path / MANIFEST).read_bytes())

    assert next(iter(body)) == "id"
    assert body["id"] == MADE.bundle_id


@pytest.mark.parametrize(
    "other",
    [
        replace(MADE, intents=("other", "opt_out")),
        replace(MADE, files={"model.onnx": digest(b"another graph")}),
        replace(MADE, golden=()),
        replace(MADE, metrics={}),
        replace(MADE, signals=("lead",)),
    ],
)
def test_another_content_is_another_bundle(other: Manifest) -> None:
    assert other.bundle_id != MADE.bundle_id


def test_a_manifest_without_signals_keeps_the_identity_it_had(tmp_path: Path) -> None:
    write_manifest(MADE, tmp_path)

    body = json.loads((tmp_path / MANIFEST).read_bytes())

    assert "signals" not in body
    assert parse_manifest(json.dumps(body).encode(), PLACE) == MADE


def test_the_identity_is_a_sha256_that_does_not_depend_on_the_order_of_files() -> None:
    one = replace(MADE, files={"a": "1", "b": "2"})
    two = replace(MADE, files={"b": "2", "a": "1"})

    assert one.bundle_id == two.bundle_id
    assert one.bundle_id.startswith("sha256:")
    assert len(one.bundle_id) == len("sha256:") + 64


@pytest.mark.parametrize(
    ("version", "advice"),
    [(FORMAT + 1, "upgrade replywise"), (FORMAT - 1, "train again")],
)
def test_another_format_is_refused_with_advice(version: int, advice: str) -> None:
    with pytest.raises(BundleFormat, match=advice):
        parse_manifest(as_json(format=version), PLACE)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[]", "names no format"),
        (b"null", "names no format"),
        (b"{}", "names no format"),
        (as_json(format="1"), "names no format"),
        (b'{"format": 2, "intents": []}', "lacks created_at, sentiments"),
        (as_json(intents=7), "is malformed"),
        (as_json(max_tokens="many"), "is malformed"),
        (as_json(files=["model.onnx"]), "is malformed"),
        (as_json(provenance="unknown"), "is malformed"),
        (as_json(golden=["hi"]), "is malformed"),
        (as_json(golden=[{"text": "hi"}]), "is malformed"),
        (
            as_json(
                golden=[
                    {"text": "", "intent": "", "confidence": "high", "sentiment": ""}
                ]
            ),
            "is malformed",
        ),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_reason(
    data: bytes, problem: str
) -> None:
    with pytest.raises(BundleFormat, match=problem) as caught:
        parse_manifest(data, PLACE)

    assert caught.value.path == PLACE
