"""The one door to MLflow: runs that are kept, and bundles that are registered."""

import logging
import os
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "replywise"
REGISTERED = "replywise"
"""The name that bundles are registered under."""

ALIASES = ("champion", "challenger")
BUNDLE_ID = "bundle_id"


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, as it is tracked.

    Attributes:
        parameters: what was chosen.
        metrics: what was measured, names to numbers.
        artifacts: folders and files to keep, by the name they are kept under.
        name: what people call it; None for a name that MLflow makes up.
    """

    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    artifacts: Mapping[str, Path]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A bundle with all that it takes to load it elsewhere.

    Attributes:
        bundle_id: its identity.
        bundle: its folder.
        loader: the module whose `_load_pyfunc` loads it.
        code: folders of code to go along.
        requirements: what pip must install, with versions.
        inputs: columns that go in, with MLflow's names of their types.
        outputs: columns that come out, likewise.
        optional: those of the outputs that may hold nothing.
        example: what might go in.
        tags: what is to be known of it, the latest judgement included.
    """

    bundle_id: str
    bundle: Path
    loader: str
    code: Sequence[Path]
    requirements: Sequence[str]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    optional: Collection[str]
    example: Mapping[str, Sequence[str]]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """A registered bundle.

    Attributes:
        number: its version in the registry.
        bundle_id: its identity.
        registered_at: when it came, in UTC.
        aliases: "champion", "challenger", both or none.
        tags: what is known of it.
    """

    number: str
    bundle_id: str
    registered_at: datetime
    aliases: tuple[str, ...]
    tags: Mapping[str, str]


def track(run: Run, folder: Path) -> str:
    """Record a run; return its id.

    Goes to MLFLOW_TRACKING_URI where that is set, else to an SQLite store in
    `folder`, artifacts beside it.
    """
    with _store(folder), _recorded(run) as number:
        return number


def register(entry: Entry, run: Run, folder: Path) -> str:
    """Record a run and register its bundle; return the version's number.

    A bundle that is registered already keeps its version, and gets the new tags.
    """
    with _store(folder) as client, _recorded(run) as number:
        version = _version_of(client, entry.bundle_id)
        if version is None:
            version = _register(client, entry, number)
        for name, value in entry.tags.items():
            client.set_model_version_tag(REGISTERED, version, name, value)
        return version


def point_aliases(roles: Mapping[str, str], folder: Path) -> list[Version]:
    """Give each alias to the bundle that `roles` names; return all, newest first.

    Args:
        roles: bundle ids by alias. An alias that is left out, or whose bundle is not
            registered, is taken away.
        folder: of the local store, where MLFLOW_TRACKING_URI names no other.
    """
    with _store(folder) as client:
        if not _known(client):
            return []
        for alias in ALIASES:
            version = _version_of(client, roles.get(alias, ""))
            if version is None:
                client.delete_registered_model_alias(REGISTERED, alias)
            else:
                client.set_registered_model_alias(REGISTERED, alias, version)
        return _versions(client)


def numbers(
    values: Mapping[str, object], prefix: str = ""
) -> Iterator[tuple[str, float]]:
    """Yield every number in nested figures under a dotted name."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            yield f"{prefix}{name}", float(value)


@contextmanager
def _store(folder: Path) -> "Iterator[MlflowClient]":
    """Open the store that MLFLOW_TRACKING_URI names, else the one in `folder`."""
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
            mlflow.set_experiment(EXPERIMENT)
            yield mlflow.MlflowClient()
        finally:
            if local:
                # MLflow tells the store to all that follows, by the environment.
                os.environ.pop("MLFLOW_TRACKING_URI", None)


@contextmanager
def _recorded(run: Run) -> Iterator[str]:
    """Record a run, which ends with the block; yield its id."""
    import mlflow  # noqa: PLC0415 - as above

    with mlflow.start_run(run_name=run.name) as active:
        mlflow.log_params(dict(run.parameters))
        mlflow.log_metrics(dict(run.metrics))
        for name, path in run.artifacts.items():
            if path.is_dir():
                mlflow.log_artifacts(str(path), name)
            else:
                mlflow.log_artifact(str(path), name)
        yield str(active.info.run_id)


def _register(client: "MlflowClient", entry: Entry, run_id: str) -> str:
    import mlflow  # noqa: PLC0415 - as above
    import pandas as pd  # noqa: PLC0415 - MLflow loads it anyway
    from mlflow.models import ModelSignature  # noqa: PLC0415 - as above
    from mlflow.types import ColSpec, Schema  # noqa: PLC0415 - as above

    path = list(sys.path)
    try:
        logged = mlflow.pyfunc.log_model(
            name="bundle",
            loader_module=entry.loader,
            data_path=str(entry.bundle),
            code_paths=[str(folder) for folder in entry.code],
            pip_requirements=list(entry.requirements),
            input_example=pd.DataFrame({k: list(v) for k, v in entry.example.items()}),
            signature=ModelSignature(
                Schema([ColSpec(kind, name) for name, kind in entry.inputs.items()]),
                Schema(
                    [
                        ColSpec(kind, name, required=name not in entry.optional)
                        for name, kind in entry.outputs.items()
                    ]
                ),
            ),
        )
    finally:
        # MLflow tries the example, and leaves the copied code on the path.
        sys.path[:] = path
    if not _known(client):
        client.create_registered_model(REGISTERED)
    tags = {BUNDLE_ID: entry.bundle_id}
    made = client.create_model_version(
        REGISTERED, logged.model_uri, run_id, tags=tags, model_id=logged.model_id
    )
    return str(made.version)


def _known(client: "MlflowClient") -> bool:
    """Return whether anything was ever registered."""
    return bool(client.search_registered_models(f"name = '{REGISTERED}'"))


def _version_of(client: "MlflowClient", bundle_id: str) -> str | None:
    """Return the version of a bundle, None where it is not registered."""
    wanted = f"name = '{REGISTERED}' and tags.{BUNDLE_ID} = '{bundle_id}'"
    found = client.search_model_versions(wanted)
    return str(found[0].version) if found else None


def _versions(client: "MlflowClient") -> list[Version]:
    aliases = client.get_registered_model(REGISTERED).aliases
    found = client.search_model_versions(f"name = '{REGISTERED}'")
    return sorted(
        (
            Version(
                number=str(version.version),
                bundle_id=str(version.tags.get(BUNDLE_ID, "")),
                registered_at=datetime.fromtimestamp(
                    version.creation_timestamp / 1000, UTC
                ),
                aliases=tuple(a for a, n in aliases.items() if n == version.version),
                tags=dict(version.tags),
            )
            for version in found
        ),
        key=lambda version: int(version.number),
        reverse=True,
    )
