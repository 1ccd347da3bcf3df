"""Writing a bundle: made beside its place, verified, then moved there whole."""

import json
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from model.bundle import GRAPH, TOKENIZER, load_bundle
from model.classifier import Classifier
from model.errors import InputError
from model.manifest import FORMAT, MANIFEST, Golden, Manifest, digest, write_manifest
from model.neighbours import NEIGHBOURS
from model.prediction import Prediction
from serving.routing.ruleset import KEYWORDS, POLICY, RESPONSES, THRESHOLDS, load_rules
from training.confidence import SIGNALS
from training.dataset import SENTIMENTS, digest_of
from training.encoder import MAX_TOKENS
from training.held_out import HELD_OUT, pack
from training.neighbours import neighbours
from training.promises import Solved
from training.recipe import SEED, Trained
from training.sources import EncoderSource

RULES = (POLICY, KEYWORDS, RESPONSES)
GOLDEN = 12
_CERTAIN = 0.9
"""Golden replies are ones that no processor's rounding can turn."""

CODE = (
    "model/classifier.py",
    "model/neighbours.py",
    "model/text.py",
    "training/bert.py",
    "training/binomial.py",
    "training/confidence.py",
    "training/crossfit.py",
    "training/emoji.py",
    "training/encoder.py",
    "training/export.py",
    "training/fitting.py",
    "training/graph.py",
    "training/heads.py",
    "training/keeping.py",
    "training/material.py",
    "training/neighbours.py",
    "training/outliers.txt",
    "training/path.py",
    "training/recipe.py",
    "training/smoothed.py",
    "training/thresholds.py",
    "training/tune.py",
)
"""What makes a bundle what it is; other code can change without a new bundle."""


def write_bundle(
    trained: Trained,
    replies: pd.DataFrame,
    *,
    rules: Mapping[str, bytes],
    out: Path,
    created_at: datetime,
) -> Manifest:
    """Write the bundle to `out`, which is replaced only if it is a bundle itself.

    Raises:
        InputError: something else lies at `out`, or it cannot be written.
        BundleError, RulesError: what was made does not load; nothing is moved.
    """
    files = {
        GRAPH: trained.graph,
        TOKENIZER: trained.source.tokenizer,
        HELD_OUT: pack(trained.held_out),
        NEIGHBOURS: neighbours(trained.embeddings, replies, trained.intents),
        **{name: rules[name] for name in RULES},
        THRESHOLDS: _thresholds(trained.solved),
    }
    manifest = Manifest(
        format=FORMAT,
        created_at=created_at.isoformat(timespec="seconds"),
        intents=trained.intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
        files={name: digest(data) for name, data in files.items()},
        provenance=_provenance(replies, trained.source),
        metrics=metrics(trained),
        golden=_golden(trained, replies),
        signals=SIGNALS,
    )
    refuse_occupied(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".bundle-") as part:
            made = Path(part, "bundle")
            made.mkdir()
            for name, data in files.items():
                (made / name).write_bytes(data)
            write_manifest(manifest, made)
            load_rules(load_bundle(made).files)
            # The old bundle steps aside first: a place that cannot be moved to,
            # such as a mounted folder, is told while the old one is still whole.
            if out.exists():
                out.rename(Path(part, "old"))
            made.rename(out)
    except OSError as error:
        raise InputError(out, error.strerror or "cannot be written") from error
    return manifest


def refuse_occupied(out: Path) -> None:
    """Raise InputError where `out` holds something that is not a bundle."""
    occupied = out.exists() and (not out.is_dir() or any(out.iterdir()))
    if occupied and not (out / MANIFEST).is_file():
        problem = "holds something that is not a bundle; choose another --out"
        raise InputError(out, problem)
    above = next((path for path in out.parents if path.exists()), out)
    if not above.is_dir():
        raise InputError(out, f"{above} is no folder; choose another --out")


def rules_files(folder: Path) -> dict[str, bytes]:
    """Return the rules files of `folder`; InputError where one is missing."""
    try:
        return {name: (folder / name).read_bytes() for name in RULES}
    except OSError as error:
        problem = f"expected {', '.join(RULES)} here: {error.strerror}"
        raise InputError(folder, problem) from error


def metrics(trained: Trained) -> dict[str, object]:
    """Return the figures that a manifest and an MLflow run hold."""
    evaluation = trained.evaluation
    return {
        "held_out_replies": evaluation.replies,
        "intent_macro_f1": asdict(evaluation.intent.macro_f1),
        "intent_accuracy": asdict(evaluation.intent.accuracy),
        "sentiment_macro_f1": asdict(evaluation.sentiment.macro_f1)
        if evaluation.sentiment
        else None,
        "calibration_error": asdict(evaluation.trust.calibration_error),
        "aurc": asdict(evaluation.trust.aurc),
        "thresholds": asdict(trained.solved),
        "parity": asdict(trained.parity),
        "temperatures": list(trained.temperatures),
    }


def code_digest(root: Path) -> str:
    """Return a digest of the Python files that make a bundle what it is."""
    told = [f"{name} {digest((root / name).read_bytes())}" for name in CODE]
    return f"sha256:{digest(chr(10).join(told).encode())}"


def _provenance(replies: pd.DataFrame, encoder: EncoderSource) -> dict[str, object]:
    names = ("numpy", "onnxruntime", "scikit-learn", "sentence-transformers", "torch")
    return {
        "replies": len(replies),
        "data": digest_of(replies),
        "encoder": encoder.name,
        "encoder_digest": encoder.digest,
        "encoder_tuned_on": encoder.tuned_on,
        "code": code_digest(Path(__file__).parent.parent),
        "seed": SEED,
        "versions": {
            "replywise": version("replywise"),
            "python": platform.python_version(),
            **{name: version(name) for name in names},
        },
    }


def _thresholds(solved: Solved) -> bytes:
    body = {**asdict(solved), "intents": solved.thresholds}
    return json.dumps(body, indent=1).encode()


def _golden(trained: Trained, replies: pd.DataFrame) -> tuple[Golden, ...]:
    """Choose one sure reply of so many intents, spread over the label list."""
    classifier = Classifier(
        trained.graph,
        trained.source.tokenizer,
        intents=trained.intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
        threads=0,
    )
    step = max(1, len(trained.intents) // GOLDEN)
    golden: list[Golden] = []
    for intent in trained.intents[::step][:GOLDEN]:
        texts = replies["text"][replies["intent"] == intent].head(50).tolist()
        predictions = classifier.predict(texts)
        best = max(range(len(texts)), key=lambda i: _sureness(predictions[i]))
        told = predictions[best]
        if _sureness(told) >= _CERTAIN:
            golden.append(
                Golden(texts[best], told.intent, told.confidence, told.sentiment)
            )
    return tuple(golden)


def _sureness(prediction: Prediction) -> float:
    return min(prediction.intents[0].probability, prediction.sentiment_confidence)
