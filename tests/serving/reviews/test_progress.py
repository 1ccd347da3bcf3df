from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from serving.reviews.progress import FEWEST, PAUSE, Progress, pace, progress
from serving.reviews.recording import undo
from serving.store.database import reading, writing
from tests.serving.reviews.making import NOON, drawn, reviewed

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
GAPS = st.integers(1, 600).map(lambda seconds: timedelta(seconds=seconds))


def moments(gaps: list[timedelta]) -> list[datetime]:
    return [NOON + sum(gaps[:n], timedelta()) for n in range(len(gaps) + 1)]


def test_today_counts_what_stands_since_midnight(engine: sa.Engine) -> None:
    names = [f"d{n}" for n in range(4)]
    drawn(engine, *names)
    for name, hours in zip(names, (-13, -2, -1, 0), strict=True):
        reviewed(engine, "ada", name, at=NOON + timedelta(hours=hours))
    with writing(engine) as connection:
        undo(connection, "ada", NOON)

    with reading(engine) as connection:
        mine = progress(connection, "ada", NOON, MIDNIGHT)
        theirs = progress(connection, "bea", NOON, MIDNIGHT)

    assert mine == Progress(today=2, an_hour=None)
    assert theirs == Progress(today=0, an_hour=None)


def test_just_after_midnight_the_pace_is_still_known(engine: sa.Engine) -> None:
    names = [f"d{n}" for n in range(8)]
    drawn(engine, *names)
    for number, name in enumerate(names):
        reviewed(engine, "ada", name, at=NOON + number * timedelta(seconds=18))
    now = NOON + timedelta(minutes=4)

    with reading(engine) as connection:
        assert progress(connection, "ada", now, now) == Progress(0, 200)


def test_a_pause_is_no_work() -> None:
    steady = [timedelta(seconds=18)] * 10

    assert pace(moments(steady)) == 200
    assert pace(moments([*steady, PAUSE * 2, *steady])) == 200


def test_a_few_reviews_have_no_pace() -> None:
    few = [timedelta(seconds=18)] * (FEWEST - 1)

    assert pace(moments(few)) is None
    assert pace([]) is None
    assert pace([NOON] * 20) is None


@given(st.lists(GAPS, max_size=40))
def test_the_pace_lies_between_the_slowest_and_the_fastest(
    gaps: list[timedelta],
) -> None:
    told = pace(moments(gaps))

    worked = [gap for gap in gaps if gap <= PAUSE]
    if told is None:
        assert len(worked) < FEWEST
    else:
        hour = timedelta(hours=1)
        assert round(hour / max(worked)) <= told <= round(hour / min(worked))
