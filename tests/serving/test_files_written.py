import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InputError
from model.files import Row, written
from serving.files import read_rows, write_rows

ENDINGS = ["csv", "jsonl", "parquet"]
READABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_written_is_read_again(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    rows: list[Row] = [
        {"id": "1", "text": 'a, "b"\r\nc'},
        {"id": "2", "text": "👍é\r"},
        {"id": "", "text": "NA"},
    ]

    write_rows(path, rows)

    assert read_rows(path, "text") == rows
    assert names_in(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
@given(texts=st.lists(READABLE.filter(str.strip), min_size=1))
@settings(deadline=None, max_examples=50)
def test_no_text_is_lost_on_the_way(
    tmp_path_factory: pytest.TempPathFactory, ending: str, texts: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"law.{ending}"

    write_rows(path, [{"n": str(n), "text": text} for n, text in enumerate(texts)])

    assert [row["text"] for row in read_rows(path, "text")] == texts


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_with_other_columns_lose_none(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    nothing = "" if ending == "csv" else None

    write_rows(path, [{"text": "a"}, {"text": "b", "more": "c"}])

    assert read_rows(path, "text") == [
        {"text": "a", "more": nothing},
        {"text": "b", "more": "c"},
    ]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_lone_surrogate_breaks_no_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"

    write_rows(path, [{"text": "a\ud800"}])

    assert str(read_rows(path, "text")[0]["text"]).startswith("a")


def test_json_lines_keep_what_utf_8_cannot(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"

    write_rows(path, [{"text": "a\ud800"}])

    assert json.loads(path.read_text(encoding="ascii")) == {"text": "a\ud800"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    path.write_text("old", encoding="utf-8")

    def rows() -> Iterator[Row]:
        yield {"text": "a"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(path, rows())

    assert path.read_text(encoding="utf-8") == "old"
    assert names_in(tmp_path) == [path.name]


def test_nothing_is_there_before_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"

    with written(path) as part:
        part.write_text("half", encoding="utf-8")
        assert not path.exists()

    assert path.read_text(encoding="utf-8") == "half"


def test_a_failure_leaves_no_part(tmp_path: Path) -> None:
    def fail() -> None:
        with written(tmp_path / "out.txt") as part:
            part.write_text("half", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert names_in(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"there is no folder {tmp_path}/none"):
        write_rows(tmp_path / "none" / "out.csv", [{"text": "a"}])


def test_a_directory_in_the_way_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()

    with pytest.raises(InputError, match=r"out\.csv: is a folder; name a file"):
        write_rows(tmp_path / "out.csv", [{"text": "a"}])

    assert names_in(tmp_path) == ["out.csv"]


def test_an_ending_that_is_none_of_the_three_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected \.csv, \.jsonl or \.parquet"):
        write_rows(tmp_path / "out.xlsx", [{"text": "a"}])

    assert names_in(tmp_path) == []
