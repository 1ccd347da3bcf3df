import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from model.manifest import FORMAT, Manifest
from training.evaluation import Evaluation, Interval, Scores, Trust
from training.promises import Promise, Solved, Whole
from training.report import write_html
from training.threshold_report import threshold_tables

WHOLE = Whole(0.02, 0.95, 800, 8, 0.0173, 0.72, 280.0, 512.4, None)
NOTHING = Whole(
    *(0.01, 0.95, 0, 0, None, 0.1, 900.0, 1800.0),
    "no intent's own limit can be promised",
)
SOLVED = Solved(
    whole=WHOLE,
    promises=(
        Promise("refund", 0.1, 0.9431, 300, 3, 0.0412, 0.61, None),
        Promise("rare", 0.1, None, 0, 0, None, 0.0, "too few replies: 3"),
        Promise("complaint", None, 0.9, 0, 0, None, 0.0, "people answer it"),
    ),
    tighter=NOTHING,
    looser=replace(WHOLE, limit=0.04),
)


def printed(solved: Solved) -> str:
    console = Console(file=io.StringIO(), record=True, width=160)
    for table in threshold_tables(solved):
        console.print(table)
    return console.export_text()


def page(solved: Solved | None, folder: Path) -> str:
    half = Interval(0.5, 0.4, 0.6)
    evaluation = Evaluation(
        replies=4,
        intent=Scores(half, half, (), ()),
        sentiment=None,
        trust=Trust(half, half, (), (1.0,), (0.5,)),
        outcome=None,
    )
    manifest = Manifest(
        *(FORMAT, "2026-11-23T12:00:00+00:00", (), (), 64, {}),
        *({"replies": 4, "encoder": "none"}, {}, ()),
    )
    write_html(evaluation, "Report", manifest, folder / "page.html", solved)
    return (folder / "page.html").read_text(encoding="utf-8")


FIGURES = ("2.00%", "8 (1.00%)", "1.73%", "72.0%", "280", "512", "0.9431")


@pytest.mark.parametrize("figure", FIGURES)
def test_each_figure_is_printed_and_on_the_page(figure: str, tmp_path: Path) -> None:
    assert figure in printed(SOLVED)
    assert figure in page(SOLVED, tmp_path)


def test_a_step_tighter_and_looser_stand_beside_the_stated_limit() -> None:
    lines = printed(SOLVED).splitlines()

    limits = next(line for line in lines if "wrong answers allowed" in line)
    assert limits.index("1.00%") < limits.index("2.00%") < limits.index("4.00%")


def test_where_nothing_can_be_promised_it_is_said(tmp_path: Path) -> None:
    assert NOTHING.reason
    assert NOTHING.reason in printed(SOLVED)
    assert "can be promised" in page(SOLVED, tmp_path)
    # No row of reasons where there is none.
    fine = replace(SOLVED, tighter=WHOLE)
    assert "why nothing is answered" not in printed(fine)


def test_an_intent_that_is_never_answered_says_why(tmp_path: Path) -> None:
    assert "never" in printed(SOLVED)
    for told in (printed(SOLVED), page(SOLVED, tmp_path)):
        assert "too few replies: 3" in told
        assert told.index("rare") < told.index("refund")


def test_what_people_answer_is_not_in_the_table_of_promises(tmp_path: Path) -> None:
    assert "complaint" not in printed(SOLVED)
    assert "People answer <code>complaint</code>" in page(SOLVED, tmp_path)


def test_a_report_without_thresholds_has_no_part_for_them(tmp_path: Path) -> None:
    assert "what is promised" not in page(None, tmp_path)
