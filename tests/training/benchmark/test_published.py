from pathlib import Path

import pytest

from model.errors import InputError
from training.benchmark.measures import Measure
from training.benchmark.published import (
    FIGURES,
    PREDICTIONS,
    Rows,
    from_predictions,
    published,
)

# Two right, one that is not sure and wrong, one that gives no intent.
PREDICTED = """label,bot_pred,bot_score
a,a,0.9
b,b,0.8
b,a,0.5
a,NO_MATCH,1.0
"""
ROWS = Rows("bot.csv", "bot", "Bot", "", "made up")


def made(folder: Path, text: str = PREDICTED) -> Path:
    path = folder / "bot.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_published_predictions_are_scored_row_by_row(tmp_path: Path) -> None:
    told = from_predictions(made(tmp_path), ROWS)

    assert told[Measure.ACCURACY].value == 2 / 4
    assert told[Measure.ACCURACY].system == "Bot"
    interval = told[Measure.ACCURACY].interval
    assert interval
    assert interval.low <= interval.value <= interval.high


def test_who_gives_no_intent_abstains(tmp_path: Path) -> None:
    told = from_predictions(made(tmp_path), ROWS)

    # In order: right, right, wrong, and the abstention last.
    assert told[Measure.AURC].value == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)
    assert told[Measure.COVERAGE_1].value == 2 / 4


def test_taken_as_scored_no_intent_is_the_surest_mistake(tmp_path: Path) -> None:
    rows = Rows("bot.csv", "bot", "Bot", "", "made up", abstains=False)

    told = from_predictions(made(tmp_path), rows)

    expected = (1 / 1 + 1 / 2 + 1 / 3 + 2 / 4) / 4
    assert told[Measure.AURC].value == pytest.approx(expected)
    assert told[Measure.COVERAGE_1].value == 0
    assert Measure.ACCURACY not in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("label,bot_pred\na,a\n", "column 'bot_score': is missing"),
        ("label,bot_pred,bot_score\na,a,sure\n", "row 1, column 'bot_score': expected"),
    ],
)
def test_predictions_that_are_not_as_expected_are_refused(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        from_predictions(made(tmp_path, text), ROWS)

    assert told in str(caught.value)


def test_predictions_join_what_is_published_where_they_lie(tmp_path: Path) -> None:
    rows = PREDICTIONS["banking77"][0]
    text = PREDICTED.replace("bot_", f"{rows.prefix}_")
    (tmp_path / rows.file).write_text(text, encoding="utf-8")

    systems = [p.system for p in published("banking77", tmp_path)[Measure.ACCURACY]]

    assert systems == ["SPACE-2", "MPNet, tuned", "Dialogflow CX"]


def test_without_the_files_there_are_the_papers_alone(tmp_path: Path) -> None:
    assert Measure.AURC not in published("banking77", tmp_path)


def test_other_sets_have_nothing_published(tmp_path: Path) -> None:
    assert published("shop", tmp_path) == {}


def test_published_figures_are_shares_with_a_source() -> None:
    for figures in FIGURES.values():
        for told in figures:
            assert 0 < told.value < 1
            assert told.source
