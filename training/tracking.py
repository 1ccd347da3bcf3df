"""The one door to MLflow: what went into a run and what came out of it."""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

EXPERIMENT = "replywise"


@dataclass(frozen=True, slots=True)
class Run:
    """A finished training run, as it is tracked.

    Attributes:
        parameters: what was chosen.
        metrics: what was measured, names to numbers.
        artifacts: folders and files to keep, by the name they are kept under.
    """

    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    artifacts: Mapping[str, Path]


def track(run: Run, folder: Path) -> str:
    """Record a run; return its id.

    Goes to MLFLOW_TRACKING_URI where that is set, else to an SQLite store in
    `folder`, artifacts beside it.
    """
    # Nothing is sent anywhere but to the store that was named.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow  # noqa: PLC0415 - takes seconds, and only here is it needed

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        local = "MLFLOW_TRACKING_URI" not in os.environ
        if local:
            folder.mkdir(parents=True, exist_ok=True)
            mlflow.set_tracking_uri(f"sqlite:///{(folder / 'mlflow.db').resolve()}")
            if mlflow.get_experiment_by_name(EXPERIMENT) is None:
                place = (folder / "artifacts").resolve().as_uri()
                mlflow.create_experiment(EXPERIMENT, artifact_location=place)
        try:
            return _record(run)
        finally:
            if local:
                # MLflow tells the store to all that follows, by the environment.
                os.environ.pop("MLFLOW_TRACKING_URI", None)


def _record(run: Run) -> str:
    import mlflow  # noqa: PLC0415 - as above

    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as active:
        mlflow.log_params(dict(run.parameters))
        mlflow.log_metrics(dict(run.metrics))
        for name, path in run.artifacts.items():
            if path.is_dir():
                mlflow.log_artifacts(str(path), name)
            else:
                mlflow.log_artifact(str(path), name)
    return str(active.info.run_id)


def numbers(
    values: Mapping[str, object], prefix: str = ""
) -> Iterator[tuple[str, float]]:
    """Yield every number in nested figures under a dotted name."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            yield f"{prefix}{name}", float(value)
