"""The whole command on the small bundle that is trained in the run."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from model.errors import InputError
from training.dataset import Columns
from training.suggest.command import SuggestRequest, run_suggest

JOBS = (
    *("are you hiring drivers", "any driver jobs open", "do you hire drivers"),
    *("is the driver job still open", "hiring for drivers?", "want to apply as driver"),
    *("how do i apply for the driver job", "are there jobs for drivers"),
    *("driver wanted? im looking for a job", "job opening for a driver?"),
)


@pytest.fixture
def request_(tiny_replies: Path, tiny_bundle: Path, tmp_path: Path) -> SuggestRequest:
    recent = tmp_path / "recent.csv"
    rows = "".join(f'"{text}",{n + 1}\n' for n, text in enumerate(JOBS))
    recent.write_text("text,count\n" + rows, encoding="utf-8")
    return SuggestRequest(
        data=tiny_replies,
        recent=recent,
        bundle=tiny_bundle,
        out=tmp_path / "suggestions.html",
        json=tmp_path / "suggestions.json",
        label_out=tmp_path / "to_label.csv",
        most=5,
        columns=Columns(),
        cache=tmp_path / "cache",
    )


@pytest.mark.integration
def test_the_command_writes_a_page_figures_and_a_file_to_fill_in(
    request_: SuggestRequest,
) -> None:
    told = run_suggest(request_, Console(quiet=True))

    assert request_.json is not None
    assert request_.label_out is not None
    page = request_.out.read_text(encoding="utf-8")
    body = json.loads(request_.json.read_text(encoding="utf-8"))
    with request_.label_out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(told.to_label) == len(rows) == 5
    assert {row["intent"] for row in rows} == {""}
    assert {row["text"] for row in rows} <= set(JOBS)
    assert body["labelled"] == 320
    assert [one["text"] for one in body["to_label"]] == [r["text"] for r in rows]
    assert rows[0]["text"] in page
    assert "<script" not in page


def test_a_place_without_a_folder_is_refused_before_the_work(
    request_: SuggestRequest, tmp_path: Path
) -> None:
    gone = replace(request_, out=tmp_path / "no" / "page.html", data=tmp_path / "gone")

    with pytest.raises(InputError, match="there is no folder"):
        run_suggest(gone, Console(quiet=True))


def test_too_little_to_hold_out_is_refused(
    request_: SuggestRequest, tmp_path: Path
) -> None:
    few = tmp_path / "few.csv"
    few.write_text("text,intent\nhi,a\nho,a\nbye,b\nciao,b\n", encoding="utf-8")

    with pytest.raises(InputError, match="expected at least 5 groups of replies"):
        run_suggest(replace(request_, data=few), Console(quiet=True))
