"""Bundles that cost little: parrots in memory, bags of words on disk."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from model.bundle import Bundle, read_manifest
from serving.live import LiveBundle
from tests.bag_bundle import bag_bundle, bag_folder
from training.writing import rules_files

ROOT = Path(__file__).parent.parent.parent.parent
ANSWERS = json.dumps({"intents": {"order_status": 0.9, "store_info": 0.9}}).encode()


def named(live: LiveBundle, bundle_id: str) -> LiveBundle:
    """Return the same bundle under another id."""
    return replace(live, bundle=replace(live.bundle, bundle_id=bundle_id))


def bag_on_disk(
    folder: Path, files: Mapping[str, bytes] | None = None, bundle: Bundle | None = None
) -> str:
    """Write a bag of words with the shipped rules, `files` over them; return its id."""
    rules = {**rules_files(ROOT / "data"), **(files or {})}
    bag_folder(folder, bundle or bag_bundle(), rules)
    return read_manifest(folder).bundle_id
