"""What the base install costs on disk."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PIP_INSTALL = ("-m", "pip", "install", "-q", "--disable-pip-version-check")


@dataclass(frozen=True, slots=True)
class Installed:
    """The base install in an environment of its own, pip left out.

    Attributes:
        distributions: installed distributions, ours among them.
        megabytes: their files, without byte code.
    """

    distributions: int
    megabytes: float


def measure_install() -> Installed:
    """Install the base package alone and weigh it."""
    with tempfile.TemporaryDirectory() as folder:
        return weigh(install_base(Path(folder)))


def weigh(python: Path) -> Installed:
    """Weigh the environment that `install_base` made."""
    listed = subprocess.run(  # noqa: S603 - the environment just made
        [python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
        check=True,
        capture_output=True,
    )
    names = {str(row["name"]) for row in json.loads(listed.stdout)}
    site = next(python.parent.parent.glob("lib/python*/site-packages"))
    weight = sum(
        path.stat().st_size
        for path in site.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not path.relative_to(site).parts[0].startswith(("pip", "setuptools"))
    )
    return Installed(len(names - {"pip", "setuptools"}), weight / 1e6)


def install_base(folder: Path) -> Path:
    """Make an environment in `folder` with the base package; return its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603
    python = folder / "bin" / "python"
    subprocess.run(  # noqa: S603 - the environment just made
        [
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "-c",
            str(ROOT / "constraints.txt"),
            str(ROOT),
        ],
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return python
