from pathlib import Path

import pandas as pd
import pytest

from model.errors import InputError
from training.suggest.texts import read_recent


def file(tmp_path: Path, text: str, name: str = "recent.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_same_words_are_one_text_and_labelled_ones_are_left_out(
    tmp_path: Path,
) -> None:
    path = file(tmp_path, "text,count\nhello,2\nHello!,3\nwhere is it,1\n,4\n")

    read = read_recent(path, ["Where is it?"])

    assert read[["text", "count"]].to_numpy().tolist() == [["hello", 5]]
    assert read["id"].tolist() == ["recent-1"]


def test_a_file_of_texts_alone_is_enough(tmp_path: Path) -> None:
    read = read_recent(file(tmp_path, '{"text": "hi"}\n', "recent.jsonl"), [])

    assert read.iloc[0].to_dict() == {
        "id": "recent-1",
        "text": "hi",
        "count": 1,
        "language": "",
        "group": "",
    }


def test_parquet_is_read_as_export_replies_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "recent.parquet"
    frame = pd.DataFrame({"text": ["hi", None], "count": [3, 1], "group": ["g", "h"]})
    frame.to_parquet(path)

    assert read_recent(path, [])[["count", "group"]].to_numpy().tolist() == [[3, "g"]]


def test_of_too_many_the_unsure_and_common_stay_in_their_order(tmp_path: Path) -> None:
    lines = "text,count,confidence\nsure,1,0.99\nrare,1,0.4\nodd,9,0.4\nlost,1,\n"

    read = read_recent(file(tmp_path, lines), [], most=2)

    assert read["text"].tolist() == ["odd", "lost"]


def test_a_count_that_is_no_number_is_refused_by_row(tmp_path: Path) -> None:
    path = file(tmp_path, "text,count\nhi,1\nho,many\n")

    with pytest.raises(InputError, match="row 2, column 'count': expected a whole"):
        read_recent(path, [])
