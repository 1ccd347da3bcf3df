from pathlib import Path

import pytest

from model.errors import InputError
from training.optout_cases import FILE, cases_beside, read_cases

GOOD = """\
id,text,opt_out,category,language,part
a,loose my number,yes,plain_request,en,train
b,stop by at 3?,no,homonym,en,test
c,"Quit
(Sent with Slam Effect)",yes,keyword_variant,en,test
d,basta ya with the texts,yes,other_language,mixed,train
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / FILE
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_each_part_keeps_its_rows_in_order(path: Path) -> None:
    cases = read_cases(path)

    assert cases.train["id"].tolist() == ["a", "d"]
    assert cases.test["id"].tolist() == ["b", "c"]
    assert cases.train["row"].tolist() == [1, 4]
    assert cases.test["opt_out"].tolist() == [False, True]
    assert cases.train["language"].tolist() == ["en", "mixed"]
    assert set(cases.test["file"]) == {str(path)}


def test_line_breaks_are_kept(path: Path) -> None:
    assert read_cases(path).test["text"].iloc[1] == "Quit\n(Sent with Slam Effect)"


def test_a_part_may_be_empty(path: Path) -> None:
    path.write_text(GOOD.replace(",test", ",train"), encoding="utf-8")

    cases = read_cases(path)

    assert len(cases.train) == 4
    assert cases.test.empty


def test_cases_are_found_beside_the_data(path: Path) -> None:
    cases = cases_beside(path.with_name("replies.csv"))

    assert cases
    assert len(cases.train) == 2


def test_without_the_file_there_are_no_cases(tmp_path: Path) -> None:
    assert cases_beside(tmp_path / "replies.csv") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("b,stop by", "a,stop by"), "row 1, column 'id': expected an id of 1 to 100"),
        (("loose my number", " "), "row 1, column 'text': expected 1 to 1600 char"),
        ((",no,", ",maybe,"), "row 2, column 'opt_out': expected yes or no"),
        (("homonym", "Homo nym"), "row 2, column 'category': expected a name in small"),
        (("mixed", "spanglish"), "row 4, column 'language': expected a code of two"),
        ((",test\nc", ",dev\nc"), "row 2, column 'part': expected train or test"),
        (("opt_out", "label"), "row 1, column 'opt_out': is missing; expected id, te"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[1],
)
def test_a_wrong_cell_is_refused_by_row_and_column(
    path: Path, change: tuple[str, str], told: str
) -> None:
    path.write_text(GOOD.replace(*change, 1), encoding="utf-8")

    with pytest.raises(InputError) as caught:
        read_cases(path)

    assert str(caught.value).startswith(f"{path}, {told}")


def test_further_wrong_rows_are_counted(path: Path) -> None:
    path.write_text(GOOD.replace(",yes,", ",y,"), encoding="utf-8")

    with pytest.raises(InputError, match=r"row 1, .*yes or no \(2 more rows"):
        read_cases(path)
