"""The registry: every bundle that was ever judged, for anybody to load.

A bundle is registered with all that it takes to decide, so that this works where
nothing of ours is installed:

    mlflow.pyfunc.load_model("models:/replywise@champion").predict(
        pd.DataFrame({"text": ["where is my order"]})
    )
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from model.bundle import read_manifest
from model.uses import BundleRole, Use, short
from training import registered
from training.gate.report import GateReport
from training.registered import COLUMNS, OPTIONAL, TEXT
from training.tracking import Entry, Run, Version, point_aliases, register

EXAMPLE = ("where is my order", "please stop texting me", "do you ship to canada?")

REQUIRED = ("numpy", "onnxruntime", "pandas", "pyyaml", "tokenizers")
"""What loading and deciding takes, beside MLflow and the code that goes along."""

CODE = ("model/*.py", "serving/__init__.py", "serving/routing/*.py")
"""The code that goes along, from the folder that holds our packages."""


def keep(bundle: Path, report: GateReport, folder: Path) -> str:
    """Register a judged bundle, or tag it anew where it is known; return its version.

    Args:
        bundle: the bundle's folder.
        report: what the gate found.
        folder: of the local store, where MLFLOW_TRACKING_URI names no other.
    """
    manifest = read_manifest(bundle)
    with tempfile.TemporaryDirectory(prefix="replywise-") as made:
        told = Path(made, "gate.json")
        told.write_text(json.dumps(report.body(), indent=1) + "\n", encoding="utf-8")
        run = Run(
            name=f"gate {short(report.bundle)}",
            parameters={
                "bundle": report.bundle,
                "champion": report.champion,
                "held_out": report.data,
                "reason": report.reason,
                "actor": report.actor,
                "outcome": report.outcome,
            },
            metrics=report.numbers(),
            artifacts={"gate": told},
        )
        entry = Entry(
            bundle_id=report.bundle,
            bundle=bundle,
            loader=registered.__name__,
            code=_code(Path(made, "code")),
            requirements=[f"{name}=={version(name)}" for name in REQUIRED],
            inputs={TEXT: "string"},
            outputs=COLUMNS,
            optional=OPTIONAL,
            example={TEXT: list(EXAMPLE)},
            tags={
                "gate": report.outcome,
                "gated_at": report.at.isoformat(timespec="seconds"),
                "held_out": report.data,
                "data": str(manifest.provenance.get("data", "")),
                "made_at": manifest.created_at,
            },
        )
        return register(entry, run, folder)


def follow(live: Mapping[BundleRole, Use], folder: Path) -> list[Version]:
    """Point the aliases at whom the shelf names; return every version, newest first.

    A role that nobody has, or a bundle that is not registered, leaves its alias empty.
    """
    return point_aliases({role: use.bundle_id for role, use in live.items()}, folder)


def _code(place: Path) -> list[Path]:
    """Copy the code that goes along to `place`; return its folders."""
    root = Path(registered.__file__).parent.parent
    own = Path(registered.__file__).relative_to(root).as_posix()
    for pattern in (*CODE, "training/__init__.py", own):
        for path in root.glob(pattern):
            copy = place / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return sorted(place.iterdir())
