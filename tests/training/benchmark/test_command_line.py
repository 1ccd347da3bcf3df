"""`replywise benchmark intents` as a person calls it, on a set that is made up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

THINGS = ("parcel", "box", "shoes", "letter", "lamp", "chair", "table", "coat")
ASKED = {
    "where": ("where is my {}", "when does the {} come", "track the {} for me"),
    "refund": ("money back for the {}", "refund me the {}", "i want a refund, {}"),
    "broken": ("the {} is broken", "my {} came in pieces", "{} does not work"),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "shop").mkdir()
    rows = [
        (way.format(thing), label)
        for label, ways in ASKED.items()
        for way in ways
        for thing in THINGS
    ]
    put(folder / "shop" / "train.csv", [r for n, r in enumerate(rows) if n % 4])
    put(folder / "shop" / "test.csv", rows[::4])
    outside = ("sing me a song", "how tall is mount everest", "what is 3 times 4")
    put(folder / "shop" / "oos_test.csv", [(text, "oos") for text in outside])
    return folder


def put(path: Path, rows: list[tuple[str, str]]) -> None:
    lines = [f'"{text}",{label}' for text, label in rows]
    path.write_text("\n".join(["text,label", *lines, ""]), encoding="utf-8")


def benchmark(folder: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("replywise"), "benchmark", "intents", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "150"},
    )


def test_a_set_is_trained_scored_and_told(data: Path, tmp_path: Path) -> None:
    done = benchmark(
        *(tmp_path, "--data", data, "--sets", "shop", "--fast"),
        *("--json", "figures.json", "--markdown", "tables.md"),
    )

    assert done.returncode == 0, done.stderr
    assert "replywise, heads only, int8" in done.stdout
    told = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    (shop,) = told["sets"]
    figures = {figure["measure"]: figure["value"] for figure in shop["figures"]}
    assert (shop["train_rows"], shop["test_rows"], shop["deep"]) == (54, 18, False)
    assert figures["accuracy"] > 0.8
    assert figures["out-of-scope AUROC"] > 0.8
    assert "**replywise" in (tmp_path / "tables.md").read_text(encoding="utf-8")
    assert {p.name for p in tmp_path.iterdir()} == {"figures.json", "tables.md"}


def test_a_folder_that_is_not_there_ends_in_one_line(tmp_path: Path) -> None:
    done = benchmark(tmp_path, "--data", "gone")

    assert done.returncode == 2
    assert done.stderr.startswith("Error: gone: expected a folder with one folder")
    assert done.stderr.count("\n") == 1


def test_a_missing_column_ends_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    for name in ("train", "test"):
        path = tmp_path / "shop" / f"{name}.csv"
        path.write_text("text,intent\nhi,greet\n", encoding="utf-8")

    done = benchmark(tmp_path, "--data", ".", "--json", "figures.json")

    assert done.returncode == 2
    told = "Error: shop/train.csv, column 'label': is missing; there are text, intent"
    assert done.stderr.strip() == told
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
