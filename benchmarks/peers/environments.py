"""One virtual environment a peer, made once and kept."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.peers.catalogue import Peer
from benchmarks.peers.child import Failed, run_child

OURS = "replywise"
_MADE = "requirements.txt"


def prepare(peer: Peer, environments: Path, limit: float) -> Path:
    """Return the Python that runs `peer`; its environment is made where it is missing.

    Raises:
        Failed: no Python of the right version is here, or pip does not succeed.
    """
    if not peer.requirements:
        return Path(sys.executable)
    folder = environments.absolute() / peer.name
    python = folder / "bin" / "python"
    wanted = "\n".join(peer.requirements) + "\n"
    made = folder / _MADE
    if made.is_file() and made.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    base = find_python(peer.pythons) if peer.pythons else sys.executable
    run_child([base, "-m", "venv", str(folder)], log=log, limit=limit)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    run_child([*pip, "--quiet", *peer.requirements], log=log, limit=limit)
    made.write_text(wanted, encoding="utf-8")
    return python


def installed_version(python: Path, peer: Peer) -> str:
    """Return the package that is measured with its version: "setfit 1.2.0"."""
    name = re.split(r"[^\w-]", peer.requirements[0])[0] if peer.requirements else OURS
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return f"{name} {_output([str(python), '-c', code])}"


def find_python(versions: Sequence[str]) -> str:
    """Return a Python of the first version that is found: on PATH, by pyenv, by uv.

    Raises:
        Failed: none of them is here.
    """
    for version in versions:
        for command in _candidates(version):
            if _version(command) == version:
                return command
    told = " or ".join(versions)
    raise Failed(f"needs Python {told}; none on PATH, and neither pyenv nor uv has one")


def _candidates(version: str) -> Iterator[str]:
    if found := shutil.which(f"python{version}"):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python")))
    if uv := shutil.which("uv"):
        _output([uv, "python", "install", version])
        yield _output([uv, "python", "find", version])


def _version(command: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return _output([command, "-c", code])


def _output(command: Sequence[str]) -> str:
    try:
        told = subprocess.run(  # noqa: S603 - a Python, or uv, of this machine
            command, check=False, capture_output=True, text=True
        )
    except OSError:
        return ""
    return told.stdout.strip()
