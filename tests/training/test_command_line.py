"""The commands as a person calls them, on a bundle that the run trained."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from model.bundle import GRAPH, load_bundle
from training.commands import run_evaluate
from training.dataset import Columns
from training.graph import heads_of

pytestmark = pytest.mark.integration


def replywise(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("replywise"), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


@dataclass(frozen=True, slots=True)
class Called:
    """What a call of `replywise train` left behind."""

    done: subprocess.CompletedProcess[str]
    folder: Path


@pytest.fixture(scope="module")
def foreign(
    tiny_replies: Path, tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> Called:
    """Train on a file of other columns, without sentiments, on the tiny encoder."""
    folder = tmp_path_factory.mktemp("foreign")
    frame = pd.read_csv(tiny_replies, keep_default_na=False)
    frame = frame.rename(columns={"text": "Message", "intent": "Label"})
    data = folder / "data.csv"
    frame[["Label", "group", "Message"]].to_csv(data, index=False)
    columns = ("--text-column", "Message", "--intent-column", "Label")
    encoder = ("--encoder", tiny_bundle)
    done = replywise(folder, "train", data, "--out", "mine", *encoder, *columns)
    return Called(done, folder)


@pytest.fixture(scope="module")
def intents(tiny_replies: Path) -> tuple[str, ...]:
    return tuple(sorted(set(pd.read_csv(tiny_replies)["intent"])))


def test_the_tiny_bundle_reads_what_it_was_trained_on(
    tiny_bundle: Path, tiny_replies: Path, intents: tuple[str, ...]
) -> None:
    bundle = load_bundle(tiny_bundle)
    replies = pd.read_csv(tiny_replies)

    predictions = bundle.classifier.predict(replies["text"].tolist())

    assert bundle.manifest.intents == intents
    right = replies["intent"] == pd.Series([p.intent for p in predictions])
    assert right.mean() > 0.9


def test_the_report_names_every_intent(
    tiny_bundle: Path, intents: tuple[str, ...]
) -> None:
    page = (tiny_bundle.parent / "report.html").read_text(encoding="utf-8")

    assert page.startswith("<!doctype html>")
    assert [intent for intent in intents if f"<code>{intent}</code>" not in page] == []
    assert page.count("<svg") == 2
    assert "http-equiv" not in page
    assert "src=" not in page


def test_a_foreign_file_makes_a_bundle(
    foreign: Called, intents: tuple[str, ...]
) -> None:
    assert foreign.done.returncode == 0, foreign.done.stderr

    bundle = load_bundle(foreign.folder / "mine")

    assert bundle.manifest.intents == intents
    assert bundle.bundle_id in foreign.done.stdout


def test_without_sentiments_the_sentiment_head_stays(
    foreign: Called, tiny_bundle: Path
) -> None:
    kept = heads_of((foreign.folder / "mine" / GRAPH).read_bytes()).sentiment

    given = heads_of((tiny_bundle / GRAPH).read_bytes()).sentiment
    assert kept.weight == pytest.approx(given.weight, abs=1e-5)
    assert kept.bias == pytest.approx(given.bias, abs=1e-5)


def test_training_leaves_bundle_report_and_run_and_nothing_else(
    foreign: Called,
) -> None:
    left = sorted(path.name for path in foreign.folder.iterdir())

    assert left == ["data.csv", "mine", "mine-report.html", "replywise-data"]
    kept = sorted(p.name for p in (foreign.folder / "replywise-data").iterdir())
    assert kept == ["embeddings", "mlflow"]


def test_evaluate_writes_its_figures_for_programs(
    tiny_bundle: Path, tiny_replies: Path, intents: tuple[str, ...], tmp_path: Path
) -> None:
    done = replywise(
        *(tmp_path, "evaluate", tiny_replies, "--bundle", tiny_bundle),
        *("--json", "figures.json", "--report", "page.html"),
    )

    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert told["bundle"] == load_bundle(tiny_bundle).bundle_id
    assert told["replies"] == 40 * len(intents)
    assert {row["label"] for row in told["intent"]["labels"]} == set(intents)
    low, value, high = (told["intent"]["macro_f1"][k] for k in ("low", "value", "high"))
    assert 0.9 < low <= value <= high <= 1
    assert sum(told["outcome"]["by_action"].values()) == told["replies"]
    assert "<svg" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_labels_that_the_bundle_does_not_know_are_counted_and_shown_as_written(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    data = tmp_path / "few.csv"
    rows = "where is my order,[/order]\nwhere is it,order_status\n"
    data.write_text(f"text,intent\n{rows}", encoding="utf-8")

    done = replywise(tmp_path, "evaluate", data, "--bundle", tiny_bundle)

    assert done.returncode == 0, done.stderr
    assert "[/order]" in done.stdout
    told = "1 of 2 replies bear labels that the bundle does not know"
    assert told in " ".join(done.stdout.split())


@pytest.mark.parametrize("option", ["--json", "--report"])
def test_a_folder_in_the_place_of_a_file_is_told_before_the_work(
    tiny_bundle: Path, tmp_path: Path, option: str
) -> None:
    (tmp_path / "there").mkdir()

    done = replywise(
        *(tmp_path, "evaluate", tmp_path / "gone.csv", "--bundle", tiny_bundle),
        *(option, "there"),
    )

    assert done.returncode == 2
    assert "there: is a folder; name a file" in " ".join(done.stderr.split())


def test_replies_without_sentiments_are_judged_by_intent(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    data = tmp_path / "few.csv"
    data.write_text("text,intent\nwhere is my order,order_status\n", encoding="utf-8")

    told = run_evaluate(
        *([data], tiny_bundle, Columns()),
        json=None,
        report=None,
        console=Console(quiet=True),
    )

    assert (told.replies, told.sentiment) == (1, None)
    assert told.intent.accuracy.value == 1.0


def test_bad_replies_end_in_one_line_and_leave_nothing(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    text = "text,intent\nhi,a\nhello,a\nbye,b\nciao,b\n"
    (tmp_path / "data.csv").write_text(text, encoding="utf-8")

    done = replywise(
        *(tmp_path, "train", "data.csv", "--out", "made", "--encoder", tiny_bundle)
    )

    assert done.returncode == 2
    told = "Error: data.csv, column 'intent': expected at least 5 replies of one label"
    assert done.stderr.startswith(told)
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()

    done = replywise(tmp_path, "train", "gone.csv", "--out", ".")

    assert done.returncode == 2
    assert "holds something that is not a bundle" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
