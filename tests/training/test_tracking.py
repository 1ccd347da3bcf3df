from pathlib import Path

import pytest
from mlflow import MlflowClient

from training.tracking import EXPERIMENT, Run, numbers, track


def test_nested_figures_get_dotted_names() -> None:
    figures = {"a": {"value": 1, "low": 0.5}, "b": 2.0, "note": "text", "none": None}

    assert dict(numbers(figures)) == {"a.value": 1.0, "a.low": 0.5, "b": 2.0}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    bundle = tmp_path / "made" / "bundle"
    bundle.mkdir(parents=True)
    (bundle / "manifest.json").write_text("{}", encoding="utf-8")
    report = tmp_path / "made" / "report.html"
    report.write_text("<html>", encoding="utf-8")
    return Run(
        parameters={"encoder": "base", "deep": False},
        metrics={"intent_macro_f1.value": 0.91},
        artifacts={"bundle": bundle, "report": report},
    )


# MLflow's own imports warn.
@pytest.mark.filterwarnings("default")
@pytest.mark.integration
def test_a_run_lands_in_a_store_in_its_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path / "runs"

    number = track(run, folder)

    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    kept = client.get_run(number)
    assert kept.info.status == "FINISHED"
    assert kept.data.params == {"encoder": "base", "deep": "False"}
    assert kept.data.metrics == {"intent_macro_f1.value": 0.91}
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    assert kept.info.experiment_id == experiment.experiment_id
    names = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert names == ["manifest.json", "mlflow.db", "report.html"]


@pytest.mark.filterwarnings("default")
@pytest.mark.integration
def test_each_folder_keeps_its_own_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    track(run, tmp_path / "one")
    number = track(run, tmp_path / "two")

    client = MlflowClient(f"sqlite:///{tmp_path / 'two' / 'mlflow.db'}")
    assert client.get_run(number).info.run_id == number
