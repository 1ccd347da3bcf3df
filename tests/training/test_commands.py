"""What is refused before any work is done."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from model.errors import InputError
from training.commands import TrainRequest, run_train
from training.dataset import Columns

ROOT = Path(__file__).parent.parent.parent
GOOD = "text,intent,sentiment\nhi,a,\nhello,a,\nbye,b,\nciao,b,\n"


@pytest.fixture
def request_(tmp_path: Path) -> TrainRequest:
    data = tmp_path / "data.csv"
    data.write_text(GOOD, encoding="utf-8")
    return TrainRequest(
        data=(data,),
        out=tmp_path / "made",
        encoder="base",
        deep=False,
        rules=ROOT / "data",
        columns=Columns(),
        report=tmp_path / "made-report.html",
        cache=tmp_path / "cache",
        tracking=None,
    )


def refusal(request: TrainRequest) -> str:
    folder = request.data[0].parent
    before = sorted(folder.rglob("*"))

    with pytest.raises(InputError) as caught:
        run_train(request, Console(quiet=True))

    assert sorted(folder.rglob("*")) == before
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("text,intent\nhi,greet\n", "column 'intent': expected at least 2 different"),
        ("text,label\nhi,a\n", "column 'intent': is missing"),
        (GOOD.replace("hello,a,", "hello,a,glad"), "row 2, column 'sentiment': expect"),
        ("text,intent\n", "holds no rows"),
    ],
    ids=["one label", "no column", "unknown sentiment", "no rows"],
)
def test_bad_replies_are_refused_and_nothing_is_left(
    request_: TrainRequest, text: str, told: str
) -> None:
    request_.data[0].write_text(text, encoding="utf-8")

    assert told in refusal(request_)


def test_too_few_replies_to_hold_out_are_refused(request_: TrainRequest) -> None:
    assert refusal(request_) == (
        "data.csv, column 'intent': expected at least 5 replies of one label to "
        "calibrate on, got 2"
    )


def test_a_label_that_the_taxonomy_lacks_is_refused_by_row(
    request_: TrainRequest,
) -> None:
    taxonomy = request_.data[0].with_name("taxonomy.yaml")
    taxonomy.write_text("intents: {a: {}}", encoding="utf-8")

    assert refusal(request_) == (
        "data.csv, row 3, column 'intent': the taxonomy beside the file does not "
        "have this label: b (2 rows in all)"
    )


def test_a_folder_without_rules_is_refused(request_: TrainRequest) -> None:
    empty = replace(request_, rules=request_.data[0].parent)

    assert "expected policy.yaml, keywords.yaml, responses.yaml here" in refusal(empty)


@pytest.mark.integration  # It waits for the libraries that would load one.
def test_an_encoder_that_is_not_there_is_refused(request_: TrainRequest) -> None:
    enough = GOOD + "".join(f"hi {n},a,\n" for n in range(3))
    request_.data[0].write_text(enough, encoding="utf-8")
    gone = replace(request_, encoder="./gone")

    assert refusal(gone).startswith("./gone: expected a folder with a sentence-")


def test_an_occupied_place_is_refused_before_anything_is_read(
    request_: TrainRequest,
) -> None:
    request_.out.mkdir()
    (request_.out / "letter.txt").touch()
    unread = replace(request_, data=(request_.data[0].with_name("gone.csv"),))

    assert "holds something that is not a bundle" in refusal(unread)


def test_a_report_without_a_folder_is_refused_before_anything_is_read(
    request_: TrainRequest,
) -> None:
    report = request_.out.with_name("no") / "page.html"
    unread = replace(request_, data=(request_.data[0].with_name("gone.csv"),))

    told = refusal(replace(unread, report=report))

    assert told.startswith("no/page.html: there is no folder")


def test_a_report_in_the_place_of_a_folder_is_refused_before_anything_is_read(
    request_: TrainRequest,
) -> None:
    request_.report.mkdir()
    unread = replace(request_, data=(request_.data[0].with_name("gone.csv"),))

    assert refusal(unread) == "made-report.html: is a folder; name a file"


def test_a_bundle_below_a_file_is_refused_before_anything_is_read(
    request_: TrainRequest,
) -> None:
    below = request_.data[0] / "made"
    report = request_.report
    unread = replace(request_, out=below, report=report)

    assert "data.csv is no folder; choose another --out" in refusal(unread)


def test_a_label_whose_replies_are_all_held_out_is_refused(
    request_: TrainRequest,
) -> None:
    said = {
        "a": ["hi there", "hello all", "good day", "hey you", "yo yo"],
        "b": ["bye for now", "see you soon"],
    }
    rows = [f"{text},{label}" for label, texts in said.items() for text in texts]
    request_.data[0].write_text("\n".join(["text,intent", *rows]), encoding="utf-8")
    held = [f"{text},b" for text in said["b"]]
    beside = request_.data[0].with_name("data_test.csv")
    beside.write_text("\n".join(["text,intent", *held]), encoding="utf-8")

    told = refusal(request_)

    assert told == (
        "data.csv, column 'intent': every reply is nearly a held-out one of these "
        "labels: b; write others"
    )
