"""A bundle on disk that costs nothing: verified like any other, never loaded."""

from pathlib import Path

from model.manifest import FORMAT, Manifest, digest, write_manifest

FILES = {"model.onnx": b"graph", "policy.yaml": b"rules: none\n"}


def small_bundle(folder: Path, name: str) -> str:
    """Write a bundle of its own identity to `folder`; return its id."""
    folder.mkdir(parents=True)
    for file, data in FILES.items():
        (folder / file).write_bytes(data)
    manifest = Manifest(
        format=FORMAT,
        created_at="2026-11-23T12:00:00+00:00",
        intents=("order_status",),
        sentiments=("neutral",),
        max_tokens=64,
        files={file: digest(data) for file, data in FILES.items()},
        provenance={"name": name},
        metrics={},
        golden=(),
    )
    write_manifest(manifest, folder)
    return manifest.bundle_id
