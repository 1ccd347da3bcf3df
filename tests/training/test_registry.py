"""A bundle goes into MLflow's registry, and comes out where nothing of ours is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from model.bundle import load_bundle
from model.shelf import Shelf
from serving.routing.ruleset import load_rules
from tests.training.released import NOON, Released, Step
from training.outcome import decided
from training.registered import COLUMNS, RegisteredBundle
from training.registry import follow

pytestmark = [
    pytest.mark.integration,
    # MLflow's own imports warn.
    pytest.mark.filterwarnings("default"),
]

ROOT = Path(__file__).parent.parent.parent
TEXTS = ("where is my order", "STOP", "i want back my money", "")

# Runs in a process that knows MLflow and pandas, and nothing of ours.
ELSEWHERE = """
import importlib.util, json, sys, warnings
warnings.simplefilter("ignore")
sys.path = [path for path in sys.path if path not in ("", sys.argv[1])]
assert importlib.util.find_spec("serving") is None
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[2])
loaded = mlflow.pyfunc.load_model("models:/replywise@champion")
told = loaded.predict(pd.DataFrame({"text": json.loads(sys.argv[3])}))
given = loaded.metadata.get_input_schema(), loaded.metadata.get_output_schema()
print(json.dumps({
    "rows": json.loads(told.to_json(orient="records")),
    "inputs": given[0].input_names(), "outputs": given[1].input_names(),
    "example": loaded.input_example["text"].tolist(),
    "torch": "torch" in sys.modules,
}))
"""


@pytest.fixture(scope="module")
def steps(released: Released) -> list[Step]:
    return released.steps


def test_every_judged_bundle_has_one_version(steps: list[Step]) -> None:
    numbers = [[version.number for version in step.versions] for step in steps]

    assert numbers == [["1"], ["2", "1"], ["2", "1"], ["3", "2", "1"]]


def test_aliases_follow_the_shelf(steps: list[Step]) -> None:
    aliases = [[version.aliases for version in step.versions] for step in steps]

    assert aliases == [
        [("champion",)],
        [(), ("champion",)],
        [("challenger",), ("champion",)],
        [("champion",), ("challenger",), ()],
    ]


def test_a_roll_back_moves_the_alias_when_the_registry_is_next_looked_at(
    released: Released,
) -> None:
    rolled = Shelf(released.folder / "rolled")
    first = released.shelf.history()[0].bundle_id
    rolled.add(released.shelf.folder_of(first), {})
    rolled.promote(first, role="champion", actor="ada", reason="back", at=NOON)

    listed = follow(rolled.live(), released.tracking)
    follow(released.shelf.live(), released.tracking)

    assert [version.aliases for version in listed] == [(), (), ("champion",)]


def test_tags_tell_the_bundle_and_the_latest_judgement(steps: list[Step]) -> None:
    outcomes = [[version.tags["gate"] for version in step.versions] for step in steps]

    assert outcomes == [
        ["passed"],
        ["failed", "passed"],
        ["forced", "passed"],
        ["passed", "forced", "passed"],
    ]
    newest = steps[-1].versions[0]
    assert newest.bundle_id == newest.tags["bundle_id"]
    assert newest.tags["gated_at"] == "2026-11-23T17:00:00+00:00"


def test_a_process_without_our_code_decides_the_same(released: Released) -> None:
    address = f"sqlite:///{released.tracking / 'mlflow.db'}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}

    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(ROOT), address, json.dumps(TEXTS)],
        cwd=released.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["inputs"] == ["text"]
    assert told["outputs"] == list(COLUMNS) == list(told["rows"][0])
    assert "where is my order" in told["example"]
    assert not told["torch"]
    champion = released.shelf.live()["champion"].bundle_id
    bundle = load_bundle(released.shelf.folder_of(champion))
    predictions = bundle.classifier.predict(TEXTS)
    decisions = decided(TEXTS, predictions, load_rules(bundle.files))
    assert [
        (row["intent"], row["action"], row["consent"], row["confidence"])
        for row in told["rows"]
    ] == [
        (d.intent, d.action, d.consent, pytest.approx(d.confidence, abs=1e-6))
        for d in decisions
    ]


def test_the_runs_hold_the_figures_and_the_reports(released: Released) -> None:
    client = MlflowClient(f"sqlite:///{released.tracking / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("replywise")
    assert experiment

    refused = client.search_runs(
        [experiment.experiment_id], "params.outcome = 'failed'"
    )

    assert [run.data.params["actor"] for run in refused] == ["ada"]
    assert refused[0].data.metrics["accuracy"] == pytest.approx(24 / 36)
    assert len(list(released.tracking.rglob("gate.json"))) == len(released.steps)


def test_an_empty_table_gives_an_empty_table(released: Released) -> None:
    first = released.shelf.history()[0].bundle_id

    told = RegisteredBundle(released.shelf.folder_of(first)).predict(
        pd.DataFrame({"text": []})
    )

    assert list(told.columns) == list(COLUMNS)
    assert len(told) == 0


@pytest.mark.usefixtures("released")
def test_registering_leaves_the_path_of_imports_alone() -> None:
    assert [path for path in sys.path if Path(path).name == "code"] == []
