from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.replay.rows import Row, Span, count_rows, pages
from serving.store.database import writing
from serving.store.tables import decisions
from tests.serving.replay.logbook import BEGAN

HOUR = timedelta(hours=1)
ALL = Span(BEGAN, BEGAN + 10 * HOUR)


@pytest.fixture
def stored(engine: sa.Engine) -> sa.Engine:
    # Three a moment, their ids against the order of writing.
    rows = [
        {
            "message_id": f"m{hour}{n}",
            "decision_id": f"d{hour}{9 - n}",
            "conversation_id": "c",
            "received_at": BEGAN,
            "recorded_at": BEGAN + hour * HOUR,
            "bundle": "sha256:b",
            "inputs": "{}",
            "decision": "{}",
            "program": ("shop", "post")[n % 2],
        }
        for hour in range(10)
        for n in range(3)
    ]
    with writing(engine) as connection:
        connection.execute(sa.insert(decisions), rows)
    return engine


def ids(rows: list[Row]) -> list[str]:
    return [row.decision_id for row in rows]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 30, 31])
def test_every_row_comes_once_in_the_order_of_the_record(
    stored: sa.Engine, size: int
) -> None:
    found = [row for page in pages(stored, ALL, rows=size) for row in page]

    assert ids(found) == [f"d{hour}{n}" for hour in range(10) for n in (7, 8, 9)]
    assert all(row.recorded_at.tzinfo for row in found)


def test_goes_on_after_any_row(stored: sa.Engine) -> None:
    [everything] = pages(stored, ALL)
    for number, row in enumerate(everything):
        later = [r for page in pages(stored, ALL, row.place, rows=4) for r in page]

        assert later == everything[number + 1 :]


def test_a_span_begins_with_its_moment_and_ends_before_it(stored: sa.Engine) -> None:
    span = Span(BEGAN + 2 * HOUR, BEGAN + 4 * HOUR, "post")

    [page] = pages(stored, span)

    assert ids(page) == ["d28", "d38"]
    assert count_rows(stored, span) == 2


def test_an_empty_span_has_no_page(stored: sa.Engine) -> None:
    span = Span(BEGAN + 20 * HOUR, BEGAN + 30 * HOUR)

    assert list(pages(stored, span)) == []
    assert count_rows(stored, span) == 0
