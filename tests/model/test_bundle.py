import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from model.bundle import GRAPH, TOKENIZER, load_bundle, read_manifest
from model.errors import BundleFormat, BundleMissing, BundleTampered
from model.manifest import FORMAT, Golden, Manifest, digest, write_manifest

integration = pytest.mark.integration


def signed(folder: Path, files: Mapping[str, bytes], version: int = FORMAT) -> Path:
    """Write a bundle that is whole but holds no graph; it fails after its digests."""
    manifest = Manifest(
        format=version,
        created_at="2026-11-23T12:00:00+00:00",
        intents=("opt_out", "other"),
        sentiments=("negative", "neutral", "positive"),
        max_tokens=64,
        files={name: digest(data) for name, data in files.items()},
        provenance={},
        metrics={},
        golden=(),
    )
    folder.mkdir()
    for name, data in files.items():
        if name not in {"", ".", ".."} and Path(name).name == name:
            (folder / name).write_bytes(data)
    write_manifest(manifest, folder)
    return folder


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_bundle, tmp_path / "bundle")


def resign(folder: Path, name: str, data: bytes) -> None:
    """Change a file as somebody would who knows how digests are kept."""
    manifest = read_manifest(folder)
    (folder / name).write_bytes(data)
    files = {**manifest.files, name: digest(data)}
    write_manifest(replace(manifest, files=files), folder)


def test_a_missing_folder_says_how_to_make_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="replywise train"):
        load_bundle(tmp_path / "nowhere")


def test_a_folder_that_holds_no_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match=r"manifest\.json"):
        load_bundle(tmp_path)


def test_a_newer_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    folder = signed(tmp_path / "b", {GRAPH: b"x"}, version=FORMAT + 1)
    (folder / GRAPH).unlink()

    with pytest.raises(BundleFormat, match="upgrade replywise"):
        load_bundle(folder)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = signed(tmp_path / "b", {GRAPH: b"x", "policy.yaml": b"y"})
    (folder / "policy.yaml").unlink()

    with pytest.raises(BundleTampered, match=r"policy\.yaml"):
        load_bundle(folder)


def test_a_file_that_differs_in_one_byte_is_named(tmp_path: Path) -> None:
    folder = signed(tmp_path / "b", {GRAPH: b"x", "policy.yaml": b"y"})
    (folder / "policy.yaml").write_bytes(b"z")

    with pytest.raises(BundleTampered, match=r"policy\.yaml differs from its digest"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["../secret", "../b/../secret", "{tmp}/secret"])
def test_a_path_outside_the_folder_is_never_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    outside = name.format(tmp=tmp_path)
    folder = signed(tmp_path / "b", {outside: b"x"})

    with pytest.raises(BundleTampered, match="does not lie inside the bundle"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["..", ".", ""])
def test_a_folder_is_no_file_of_a_bundle(tmp_path: Path, name: str) -> None:
    folder = signed(tmp_path / "b", {name: b"x"})

    with pytest.raises(BundleTampered):
        load_bundle(folder)


@pytest.mark.parametrize("left_out", [GRAPH, TOKENIZER])
def test_a_manifest_must_list_graph_and_tokenizer(
    tmp_path: Path, left_out: str
) -> None:
    files = {name: b"x" for name in (GRAPH, TOKENIZER) if name != left_out}

    with pytest.raises(BundleFormat, match=f"does not list {left_out}"):
        load_bundle(signed(tmp_path / "b", files))


@pytest.mark.parametrize("graph", [b"", b"no graph"])
def test_a_graph_that_is_none_is_refused(tmp_path: Path, graph: bytes) -> None:
    folder = signed(tmp_path / "b", {GRAPH: graph, TOKENIZER: b"{}"})

    with pytest.raises(BundleFormat, match=r"model\.onnx does not load"):
        load_bundle(folder)


@integration
def test_a_bundle_loads_with_its_rules_beside_the_classifier(bundle: Path) -> None:
    loaded = load_bundle(bundle)

    assert loaded.bundle_id == read_manifest(bundle).bundle_id
    assert loaded.classifier.intents == loaded.manifest.intents
    assert {"policy.yaml", "keywords.yaml", "responses.yaml"} <= set(loaded.files)
    assert not {GRAPH, TOKENIZER} & set(loaded.files)


@integration
def test_a_tampered_graph_is_refused(bundle: Path) -> None:
    with (bundle / GRAPH).open("ab") as graph:
        graph.write(b"\0")

    with pytest.raises(BundleTampered, match=r"model\.onnx differs"):
        load_bundle(bundle)


@integration
def test_a_tokenizer_that_is_none_is_refused(bundle: Path) -> None:
    resign(bundle, TOKENIZER, b"{}")

    with pytest.raises(BundleFormat, match=r"tokenizer\.json does not load"):
        load_bundle(bundle)


@integration
@pytest.mark.parametrize("field", ["intents", "sentiments"])
def test_as_many_labels_as_the_graph_gives_or_none(bundle: Path, field: str) -> None:
    manifest = read_manifest(bundle)
    labels = (*getattr(manifest, field), "one too many")
    write_manifest(
        replace(manifest, intents=labels)
        if field == "intents"
        else replace(manifest, sentiments=labels),
        bundle,
    )

    with pytest.raises(BundleFormat, match=f"lists {len(labels)} labels"):
        load_bundle(bundle)


@integration
def test_a_golden_reply_that_is_decided_otherwise_is_refused(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    text = "where is my order"
    told = load_bundle(bundle).classifier.predict([text])[0]
    kept = Golden(text, told.intent, told.confidence, told.sentiment)
    wrong = (
        replace(kept, intent="another"),
        replace(kept, sentiment="another"),
        replace(kept, confidence=told.confidence - 0.1),
    )

    write_manifest(replace(manifest, golden=(kept,)), bundle)
    load_bundle(bundle)

    for golden in wrong:
        write_manifest(replace(manifest, golden=(kept, golden)), bundle)
        with pytest.raises(BundleTampered, match="golden reply 2") as caught:
            load_bundle(bundle)
        assert text not in str(caught.value)
