from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InputError
from serving.files import read_rows

Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return to


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("r.csv", 'id,text\n1,"a, ""b""\nc"\n\n2,é\n'.encode()),
        ("r.csv", b"\xef\xbb\xbf" + 'id,text\r\n1,"a, ""b""\nc"\r\n2,é'.encode()),
        ("R.CSV", 'id,text\n1,"a, ""b""\nc"\n2,é\n'.encode()),
        (
            "r.jsonl",
            '{"id":"1","text":"a, \\"b\\"\\nc"}\n\n{"id":"2","text":"é"}'.encode(),
        ),
        (
            "r.jsonl",
            b'{"id":"1","text":"a, \\"b\\"\\nc"}\r\n{"id":"2","text":"\\u00e9"}\r\n',
        ),
    ],
)
def test_rows_are_read_as_they_were_meant(write: Write, name: str, data: bytes) -> None:
    rows = read_rows(write(name, data), "text")

    assert rows == [{"id": "1", "text": 'a, "b"\nc'}, {"id": "2", "text": "é"}]


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": "a\n,b"}, {"id": 2, "text": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "r.parquet")

    assert read_rows(tmp_path / "r.parquet", "text") == rows


WRONG = [
    ("r.csv", b"", "", "is empty"),
    ("r.csv", b" \n", "", "is empty"),
    ("r.csv", b"id,text\n", "", "holds no rows"),
    ("r.csv", b"PK\x03\x04\0\0zip", "", "is a binary file"),
    ("r.csv", b"text\nok\ncaf\xe9\n", "", "is not UTF-8 in line 3"),
    ("r.csv", b"caf\xe9\nok\n", "", "is not UTF-8 in line 1"),
    ("r.csv", "text\nok\n".encode("utf-16"), "", "is not UTF-8 in line 1"),
    ("r.csv", b"id,text\n\n1,a\n\n2\n", ", row 2", "expected 2 cells, got 1"),
    ("r.csv", b"id,text,,\n1,a,,\n2\n", ", row 2", "expected 4 cells, got 1"),
    ("r.csv", b"text,id,text\na,1,b\n", "", "columns 1 and 3 bear the same name"),
    ("r.csv", b"text;id\na, b;1\n", "", "seems to have semicolons between its columns"),
    ("r.csv", b'"text";"id"\n"a";"1"\n', "", "seems to have semicolons between"),
    ("r.csv", b'text,"i"d\na,1\n', "", "has a first line that is not CSV"),
    ("r.jsonl", b'{"text":"a"}\n\n\n{"text":\n', ", row 2", "is not JSON"),
    ("r.csv", b"text\tid\na\t1\n", "", "seems to have tabs between its columns"),
    ("r.csv", b"id,text\n1,a\n2,b,c\n", ", row 2", "expected 2 cells, got 3"),
    ("r.csv", b"id,text\n1\n", ", row 1", "expected 2 cells, got 1"),
    ("r.csv", b'text\nok\n"open\n', ", row 2", "is not CSV"),
    ("r.csv", b'text\nok\n"open\n\nand\nso on\n', ", row 2", "is not CSV"),
    ("r.csv", b"id,words\n1,a\n", ", row 1, column 'text'", "there are id, words"),
    ("r.jsonl", b"", "", "holds no rows"),
    ("r.jsonl", b"\n \n", "", "holds no rows"),
    ("r.jsonl", b"\0\0\0\0", "", "is a binary file"),
    ("r.jsonl", b'{"text":"a"}\n{"text":"\xe9"}\n', "", "is not UTF-8 in line 2"),
    ("r.jsonl", b'{"text":"a"}\n{"text":\n', ", row 2", "is not JSON"),
    ("r.jsonl", b"[" * 100_000, ", row 1", "is not JSON"),
    ("r.jsonl", b'{"text":"a"}\n["b"]\n', ", row 2", "expected a JSON object"),
    ("r.jsonl", b'{"text":"a"}\n3\n', ", row 2", "expected a JSON object"),
    ("r.jsonl", b'{"text":"a"}\n{"t":"b"}\n', ", row 2, column 'text'", "is missing"),
    ("r.jsonl", b"{}\n", ", row 1, column 'text'", "there are none"),
    (
        "r.jsonl",
        b'{"text":"a"}\n{"text":7}\n',
        ", row 2, column 'text'",
        "expected text, got int",
    ),
    ("r.parquet", b"", "", "is not Parquet"),
    ("r.parquet", b"text\na\n", "", "is not Parquet"),
    ("r.xlsx", b"text\na\n", "", "expected .csv, .jsonl or .parquet"),
    ("replies", b"text\na\n", "", "expected .csv, .jsonl or .parquet"),
]


@pytest.mark.parametrize(("name", "data", "place", "problem"), WRONG)
def test_an_error_names_file_row_and_column(
    write: Write, name: str, data: bytes, place: str, problem: str
) -> None:
    path = write(name, data)

    with pytest.raises(InputError) as caught:
        read_rows(path, "text")

    where, what = str(caught.value).split(": ", 1)
    assert where == f"{path}{place}"
    assert problem in what
    assert "\n" not in what


def test_a_column_of_another_type_is_named_with_its_row(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "r.parquet")

    with pytest.raises(InputError, match="row 1, column 'text': expected text"):
        read_rows(tmp_path / "r.parquet", "text")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"nowhere.{ending}"

    with pytest.raises(InputError, match=f"^{path}: "):
        read_rows(path, "text")


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_directory_is_no_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"folder.{ending}"
    path.mkdir()

    with pytest.raises(InputError, match="Is a directory"):
        read_rows(path, "text")


@given(st.binary())
@settings(deadline=None, max_examples=50)
def test_any_bytes_are_rows_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    for ending in ("csv", "jsonl"):
        path = tmp_path_factory.getbasetemp() / f"any.{ending}"
        path.write_bytes(b"text\n" + data if ending == "csv" else data)
        with suppress(InputError):
            assert all("text" in row for row in read_rows(path, "text"))


def test_a_first_line_of_words_is_not_shown(write: Write) -> None:
    path = write(
        "r.csv", b"call me at 555-0100 jane,jane@home.test,5550100,order\na,b,c,d\n"
    )

    with pytest.raises(InputError) as caught:
        read_rows(path, "text")

    assert "is missing; there are order, 3 more. Name yours" in str(caught.value)
