"""A bundle: everything that decides, in one folder, verified before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from model.classifier import OUTPUTS, SIGNALS, Classifier
from model.errors import BundleFormat, BundleMissing, BundleTampered
from model.manifest import MANIFEST, Manifest, digest, parse_manifest
from model.neighbours import NEIGHBOURS, Neighbours, unpack

DEFAULT = Path(__file__).parent / "default"
"""The bundle that ships with the package."""

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"

# onnxruntime's errors share no base but Exception.
_GRAPH_ERRORS = (
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)

GOLDEN_TOLERANCE = 0.02
"""How far a golden confidence may move: integer kernels differ between processors."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle in memory.

    Attributes:
        bundle_id: "sha256:" and the digest of the manifest.
        manifest: what the bundle says about itself.
        classifier: ready to predict.
        files: the other files of the folder (rules, thresholds), by name.
        neighbours: labelled replies to compare with; None where it has none.
    """

    bundle_id: str
    manifest: Manifest
    classifier: Classifier
    files: Mapping[str, bytes]
    neighbours: Neighbours | None = None


def load_bundle(folder: Path = DEFAULT, *, threads: int = 1) -> Bundle:
    """Read, verify and try a bundle.

    Every file's digest, the format version and the label lists are held against the
    manifest, and the golden replies are decided again.

    Raises:
        BundleMissing: no bundle lies there.
        BundleTampered: a file is missing or differs from the manifest.
        BundleFormat: another format version, or the graph does not fit its manifest.
    """
    manifest = read_manifest(folder)
    files = {name: _read(folder, name, sha) for name, sha in manifest.files.items()}
    for name in (GRAPH, TOKENIZER):
        if name not in files:
            raise BundleFormat(folder, f"{MANIFEST} does not list {name}")
    try:
        classifier = Classifier(
            files.pop(GRAPH),
            files.pop(TOKENIZER),
            intents=manifest.intents,
            sentiments=manifest.sentiments,
            max_tokens=manifest.max_tokens,
            threads=threads,
        )
    except _GRAPH_ERRORS as error:
        raise BundleFormat(folder, f"{GRAPH} does not load: {error}") from error
    except ValueError as error:
        raise BundleFormat(folder, f"{TOKENIZER} does not load: {error}") from error
    stored = files.pop(NEIGHBOURS, None)
    try:
        neighbours = None if stored is None else unpack(stored, manifest.intents)
    except ValueError as error:
        raise BundleFormat(folder, f"{NEIGHBOURS} does not load: {error}") from error
    bundle = Bundle(manifest.bundle_id, manifest, classifier, files, neighbours)
    _check_labels(bundle, folder)
    _check_explanations(bundle, folder)
    _replay_golden(bundle, folder)
    return bundle


def read_manifest(folder: Path) -> Manifest:
    """Read a bundle's manifest without loading the bundle.

    Raises:
        BundleMissing: no bundle lies there.
        BundleFormat: the manifest cannot be read by this version.
    """
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = f"expected a bundle (a folder with {MANIFEST}): {error.strerror}"
        hint = "; train one with `replywise train DATA --out DIR`"
        raise BundleMissing(folder, problem + hint) from error
    return parse_manifest(data, folder)


def read_file(folder: Path, manifest: Manifest, name: str) -> bytes | None:
    """Return one verified file without loading the bundle; None where it has none.

    Raises:
        BundleTampered: the file is missing or differs from the manifest.
    """
    sha = manifest.files.get(name)
    return None if sha is None else _read(folder, name, sha)


def _read(folder: Path, name: str, sha: str) -> bytes:
    if Path(name).name != name:
        raise BundleTampered(folder, f"{name!r} does not lie inside the bundle")
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise BundleTampered(folder, f"{name}: {error.strerror}") from error
    if digest(data) != sha:
        reason = f"{name} differs from its digest in {MANIFEST}; restore or train again"
        raise BundleTampered(folder, reason)
    return data


def _check_labels(bundle: Bundle, folder: Path) -> None:
    shapes = {o.name: o.shape for o in bundle.classifier.session.get_outputs()}
    missing = [name for name in OUTPUTS if name not in shapes]
    if missing:
        raise BundleFormat(folder, f"{GRAPH} lacks the outputs {', '.join(missing)}")
    for output, labels in (
        ("intent_probabilities", bundle.manifest.intents),
        ("sentiment_probabilities", bundle.manifest.sentiments),
    ):
        if shapes[output][-1] != len(labels):
            raise BundleFormat(
                folder,
                f"{GRAPH} gives {shapes[output][-1]} {output}, {MANIFEST} lists "
                f"{len(labels)} labels",
            )


def _check_explanations(bundle: Bundle, folder: Path) -> None:
    shapes = {o.name: o.shape for o in bundle.classifier.session.get_outputs()}
    given, named = shapes.get(SIGNALS, [0])[-1], len(bundle.manifest.signals)
    if named and given != named:
        problem = f"{GRAPH} gives {given} {SIGNALS}, {MANIFEST} names {named}"
        raise BundleFormat(folder, problem)
    dim = shapes["embedding"][-1]
    if bundle.neighbours and bundle.neighbours.projection.shape[0] != dim:
        length = bundle.neighbours.projection.shape[0]
        problem = f"{NEIGHBOURS} is for embeddings of {length}, {GRAPH} gives {dim}"
        raise BundleFormat(folder, problem)


def _replay_golden(bundle: Bundle, folder: Path) -> None:
    golden = bundle.manifest.golden
    for number, (expected, got) in enumerate(
        zip(
            golden,
            bundle.classifier.predict([g.text for g in golden]),
            strict=True,
        ),
        start=1,
    ):
        same = (got.intent, got.sentiment) == (expected.intent, expected.sentiment)
        if not same or abs(got.confidence - expected.confidence) > GOLDEN_TOLERANCE:
            raise BundleTampered(
                folder,
                f"golden reply {number} gives {got.intent} {got.confidence:.2f} "
                f"{got.sentiment}, the manifest promises {expected.intent} "
                f"{expected.confidence:.2f} {expected.sentiment}",
            )
