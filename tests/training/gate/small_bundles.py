"""Bundles small enough to be judged in a blink, each with one fault or none."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from model.bundle import GRAPH
from model.prediction import Floats
from serving.routing.ruleset import KEYWORDS, THRESHOLDS
from tests.bag_bundle import BIAS, bag_bundle, bag_folder, explaining_graph
from tests.training.word_bag import INTENTS, bag_replies
from training.gate.limits import Limits
from training.held_out import HELD_OUT, HeldOut, keys_of, pack
from training.parity import Parity
from training.writing import rules_files

DATA = Path(__file__).parent.parent.parent.parent / "data"
NAMES = sorted(INTENTS)

GATE = """
version: 1
replies: [held_out.csv]
opt_out_cases: optout_cases.csv
behaviour: [behaviour.yaml]
slices: [intent, sentiment, length]
limits:
  false_alarms: 0.05
  max_wrong_replies: 0.01
  assurance: 0.95
  calibration_error: 0.1
  answered_fall: 0.05
  opt_out_recall: 0.8
  opt_out_precision: 0.8
  latency_ratio: 100
  held_out_seen: 0.02
  reviewed_again: 0
"""
BEHAVIOUR = """
version: 1
cases:
  opts out: {expect: {consent: opt_out}, texts: [i revoke my consent, Stop.]}
  asks for an order: {expect: {intent: order_status}, texts: [where is my order]}
"""
PARITY = asdict(Parity(36, 1.0, 0.0, 36, 1.0, 1.0))
LIMITS = Limits(
    false_alarms=0.05,
    max_wrong_replies=0.01,
    assurance=0.95,
    calibration_error=0.05,
    answered_fall=0.05,
    opt_out_recall=0.83,
    opt_out_precision=0.86,
    latency_ratio=1.25,
    held_out_seen=0.02,
    reviewed_again=0.0,
)


def judged_on(folder: Path) -> Path:
    """Write what small bundles are judged on to `folder`; return the gate file."""
    bag_replies(12).to_csv(folder / "held_out.csv", index=False)
    texts = [("i revoke my consent", "yes"), ("where is my order now", "no")]
    rows = [
        f"{asks}-{n},{text} {'!' * n},{asks},plain,en,test"
        for text, asks in texts
        for n in range(12)
    ]
    head = "id,text,opt_out,category,language,part"
    (folder / "optout_cases.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    (folder / "behaviour.yaml").write_text(BEHAVIOUR, encoding="utf-8")
    (folder / "gate.yaml").write_text(GATE, encoding="utf-8")
    return folder / "gate.yaml"


def good(folder: Path, *, made: int = 1) -> Path:
    """Write a bundle without a fault; another `made` makes another id."""
    return _written(folder, {}, made)


def broken_on_refunds(folder: Path) -> Path:
    """Write a bundle that takes refunds for something else."""
    bias = np.zeros(len(NAMES), dtype=np.float32)
    bias[NAMES.index("refund")] = -100
    return _written(folder, {GRAPH: _graph(bias=bias)})


def too_modest(folder: Path) -> Path:
    """Write a bundle that is nearly never sure, and nearly always right."""
    odds = np.array([BIAS - 6], dtype=np.float32)
    return _written(folder, {GRAPH: _graph(typical_odds=odds)})


def deaf_to_pleas(folder: Path) -> Path:
    """Write a bundle that lacks a keyword."""
    words = rules_files(DATA)[KEYWORDS]
    deaf = words.replace(b"    - i revoke my consent\n", b"", 1)
    assert deaf != words
    return _written(folder, {KEYWORDS: deaf})


def trained_on_held_out(folder: Path) -> Path:
    """Write a bundle that was trained on what it is judged on."""
    texts = bag_replies(12)["text"].tolist()
    zeros = np.zeros(len(texts), dtype=np.int64)
    columns = (zeros, zeros, zeros.astype(np.float64), zeros, zeros, zeros)
    seen = HeldOut(tuple(NAMES), *columns, keys_of(texts))
    return _written(folder, {HELD_OUT: pack(seen)})


def _written(folder: Path, files: Mapping[str, bytes], made: int = 1) -> Path:
    bundle = bag_bundle()
    at = f"2026-11-{made:02}T12:00:00+00:00"
    manifest = replace(bundle.manifest, created_at=at, metrics={"parity": PARITY})
    return bag_folder(folder, replace(bundle, manifest=manifest), {**_rules(), **files})


@cache
def _rules() -> dict[str, bytes]:
    sure = ", ".join(f'"{name}": 0.5' for name in NAMES)
    return {**rules_files(DATA), THRESHOLDS: f'{{"intents": {{{sure}}}}}'.encode()}


def _graph(**changed: Floats) -> bytes:
    made = onnx.load_from_string(explaining_graph())
    for stored in made.graph.initializer:
        if stored.name in changed:
            before = numpy_helper.to_array(stored)
            value = before + changed[stored.name]
            if stored.name == "typical_odds":
                value = changed[stored.name]
            stored.CopyFrom(numpy_helper.from_array(value, stored.name))
    return bytes(made.SerializeToString())
