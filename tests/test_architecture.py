"""What import-linter cannot see: names, sizes, and what an import does."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.routing.decision import REASONS, ReasonCode

ROOT = Path(__file__).parent.parent
PACKAGES = ("model", "serving", "training")
LONGEST = 300
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
NAMES = [path.relative_to(ROOT).as_posix() for path in MODULES]

# Runs before anything of ours is imported. Whoever reads the environment is named by
# the nearest frame: pydantic may look for its own settings, our code may not.
WATCH = """
import importlib, json, os, sys

writes, reads = [], []

def ours():
    frame = sys._getframe(2)
    while frame.f_globals["__name__"] in ("os", "collections.abc"):
        frame = frame.f_back
    name = frame.f_globals["__name__"]
    return name if name.split(".")[0] in ("model", "serving") else None

class Watched(type(os.environ)):
    def __getitem__(self, key):
        if reader := ours():
            reads.append(f"{reader} reads {key}")
        return super().__getitem__(key)

    def __iter__(self):
        if reader := ours():
            reads.append(f"{reader} lists the environment")
        return super().__iter__()

CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

def watch(event, args):
    if event in CHANGES or (event == "open" and args[2] and args[2] & WRITING):
        writes.append(f"{event} {args[0]}")

os.environ.__class__ = Watched
sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps({"writes": writes, "reads": reads, "loaded": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, list[str]]:
    return imports_of(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in NAMES
        # Alembic loads the files of migrations by path, never as modules.
        if not name.startswith(("training/", "serving/migrations/"))
    )


def imports_of(names: Iterator[str], folder: Path = ROOT) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCH, *names],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("name", [n for n in NAMES if n.endswith("__init__.py")])
def test_an_init_file_is_one_docstring(name: str) -> None:
    body = ast.parse((ROOT / name).read_text(encoding="utf-8"))

    assert len(body.body) == 1
    assert ast.get_docstring(body)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_short_enough_to_read(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()

    assert len(lines) <= LONGEST


def test_no_module_hides_one_of_the_standard_library() -> None:
    hidden = {p.stem for p in MODULES} & sys.stdlib_module_names

    assert hidden <= {"__init__"}


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("model", {"model", "numpy", "onnxruntime", "tokenizers"}),
        ("serving/routing", {"model", "serving", "yaml"}),
    ],
)
def test_the_inner_rooms_import_little(package: str, allowed: set[str]) -> None:
    wanted = {
        name.split(".")[0]
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in names_of(node)
    }

    assert wanted - sys.stdlib_module_names <= allowed


def names_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_importing_writes_nothing(imported: dict[str, list[str]]) -> None:
    assert imported["writes"] == []


def test_importing_reads_no_environment(imported: dict[str, list[str]]) -> None:
    assert imported["reads"] == []


@pytest.mark.parametrize(
    "library",
    ["torch", "transformers", "sentence_transformers", "sklearn", "pandas", "mlflow"],
)
def test_serving_does_not_load(imported: dict[str, list[str]], library: str) -> None:
    assert "serving.app" in imported["loaded"]
    assert library not in imported["loaded"]


def test_the_watch_sees_a_module_that_reads_and_writes(tmp_path: Path) -> None:
    folder = tmp_path / "serving"
    folder.mkdir()
    (folder / "__init__.py").touch()
    source = "import os\nos.getenv('HOME')\nopen('left.txt', 'w').close()\n"
    (folder / "untidy.py").write_text(source, encoding="utf-8")

    told = imports_of(iter(["serving.untidy"]), tmp_path)

    assert told["reads"] == ["serving.untidy reads HOME"]
    assert told["writes"] == ["open left.txt"]


@pytest.mark.parametrize("code", ReasonCode)
def test_a_reason_is_documented(code: ReasonCode) -> None:
    assert REASONS[code].endswith(".")


def test_the_changelog_begins_with_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = [line for line in changelog.splitlines() if line.startswith("## ")]
    released = [line for line in headings if "Unreleased" not in line]

    assert released[0].split()[1].strip("[]") == project["project"]["version"]
