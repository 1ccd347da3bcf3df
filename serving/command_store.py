"""What commands on the store share: settings, the store opened, the operator's name."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console

from serving.settings import Settings
from serving.store.database import open_store

DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="SQLAlchemy URL of the store.")
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where the SQLite store lies.")
]
ProgramsDir = Annotated[
    Path | None, typer.Option("--programs", help="Folder of programs.yaml.")
]

_LONGEST_ACTOR = 128
"""Characters, in the audit."""


def settings_of(
    database_url: str | None, data_dir: Path | None, programs: Path | None = None
) -> Settings:
    """Return the settings of the environment, those of the command line over them."""
    settings = Settings.from_environment(os.environ)
    return replace(
        settings,
        database_url=database_url or settings.database_url,
        data_dir=data_dir or settings.data_dir,
        programs=programs or settings.programs,
    )


@contextmanager
def opened(settings: Settings) -> Iterator[sa.Engine]:
    """Give the store; StoreError where it cannot be opened."""
    engine = open_store(settings.store_url())
    try:
        yield engine
    finally:
        engine.dispose()


def operator() -> str:
    """Return what the audit calls whoever runs the command."""
    try:
        return f"operator:{getpass.getuser()}"[:_LONGEST_ACTOR]
    except (KeyError, OSError, ImportError):  # A container's user may have no name.
        return "operator"


def tell(text: str) -> None:
    """Tell a person something beside the output."""
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(text)
