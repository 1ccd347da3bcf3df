"""Folders of small real bundles that differ in what they answer."""

import json
from pathlib import Path

from tests.bag_bundle import bag_bundle, bag_folder
from tests.conftest import ROOT
from training.writing import rules_files


def bundle_of(folder: Path, threshold: float) -> Path:
    """Return a bundle that answers each intent from a confidence of `threshold` on."""
    bundle = bag_bundle()
    intents = dict.fromkeys(bundle.manifest.intents, threshold)
    files = rules_files(ROOT / "data")
    files["thresholds.json"] = json.dumps({"intents": intents}).encode()
    return bag_folder(folder, bundle, files)
