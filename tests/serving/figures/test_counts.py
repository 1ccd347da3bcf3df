"""Every figure is held equal to a plain question to `decisions`."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.figures.buckets import EDGES
from serving.figures.counter import count_up
from serving.figures.hours import SLACK, count_hour
from serving.figures.kept import COUNTS, DELAYS, Kept
from serving.figures.marks import Mark, move
from serving.figures.period import Period, Reach
from serving.figures.tally import BEHIND, Asked, reach_of, series, totals
from serving.store.database import engine_of, reading, writing
from serving.store.figure_tables import daily_counts, hourly_counts, hourly_delays
from serving.store.moments import DAY, HOUR, aware, floored
from tests.databases import KINDS, store
from tests.serving.figures.making import MONDAY, chance, decided, record, some, writer

NOW = MONDAY + 4 * DAY + timedelta(hours=10, minutes=41, seconds=7)
NAMES = ("intent", "sentiment", "language", "decided_by", "action", "consent", "bundle")
PERIODS = [
    Period(MONDAY, NOW),
    Period(NOW.replace(minute=0, second=0) - 23 * HOUR, NOW),
    Period(MONDAY + DAY, MONDAY + 3 * DAY),
    Period(MONDAY + 5 * HOUR, MONDAY + 2 * DAY + 3 * HOUR),
    Period(MONDAY + 4 * DAY + 10 * HOUR, NOW),
    Period(MONDAY + 9 * DAY, MONDAY + 10 * DAY),
]


def count(engine: sa.Engine, now: datetime = NOW) -> None:
    assert count_up(engine, writer(engine), lambda: now, seconds=60)


def asked(engine: sa.Engine, period: Period, program: str | None = None) -> Asked:
    with reading(engine) as connection:
        return Asked(period, reach_of(connection, NOW), program)


def plain(
    engine: sa.Engine, period: Period, names: str, program: str | None = None
) -> Counter[tuple[object, ...]]:
    """Ask `decisions` itself."""
    question = f"""
        SELECT {names}, count(*) FROM decisions
        WHERE recorded_at >= :start AND recorded_at < :end
        AND (program = :program OR :everywhere) GROUP BY {names}
    """  # noqa: S608 - names of our own
    statement = sa.text(question).bindparams(
        sa.bindparam("start", period.start, sa.DateTime(timezone=True)),
        sa.bindparam("end", period.end, sa.DateTime(timezone=True)),
        sa.bindparam("program", program or "", sa.String),
        sa.bindparam("everywhere", program is None, sa.Boolean),
    )
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    return Counter({tuple(value or "" for value in row[:-1]): row[-1] for row in rows})


def rows_between(engine: sa.Engine, period: Period) -> list[tuple[datetime, int]]:
    """Return when each decision was recorded, and how long it took, in microseconds."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT recorded_at, received_at FROM decisions").columns(
                recorded_at=sa.DateTime(timezone=True),
                received_at=sa.DateTime(timezone=True),
            )
        ).all()
    return [
        (aware(recorded), (recorded - received) // timedelta(microseconds=1))
        for recorded, received in rows
        if period.start <= aware(recorded) < period.end
    ]


@pytest.fixture(scope="module", params=KINDS)
def lively(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """Give a store that was counted now and then while decisions came."""
    with store(request.param, tmp_path_factory.mktemp("lively")) as url:
        engine = engine_of(url)
        fill(engine)
        yield engine
        engine.dispose()


def fill(engine: sa.Engine) -> None:
    random = chance(7)
    spans = [
        (MONDAY, MONDAY + DAY + 2 * HOUR),
        # Nothing for half a day; then up to a moment ago.
        (MONDAY + DAY + 14 * HOUR, MONDAY + 4 * DAY),
        (MONDAY + 4 * DAY, NOW - 30 * SLACK),
        (NOW - 30 * SLACK, NOW),
    ]
    for start, end in spans:
        record(engine, some(random, start, end, 150))
        count(engine, end)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("program", [None, "fernhill_visits", "nobody"])
def test_totals_are_those_of_the_decisions(
    lively: sa.Engine, period: Period, program: str | None
) -> None:
    wanted = asked(lively, period, program)

    for name in NAMES:
        with reading(lively) as connection:
            found = totals(connection, COUNTS, wanted, name)
        assert found == plain(lively, period, name, program)


@pytest.mark.parametrize("period", PERIODS)
def test_totals_by_two_things_are_those_of_the_decisions(
    lively: sa.Engine, period: Period
) -> None:
    with reading(lively) as connection:
        found = totals(connection, COUNTS, asked(lively, period), "intent", "action")

    assert found == plain(lively, period, "intent, action")


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("step", [HOUR, DAY])
def test_a_series_is_that_of_the_decisions(
    lively: sa.Engine, period: Period, step: timedelta
) -> None:
    with reading(lively) as connection:
        found = series(connection, COUNTS, asked(lively, period), step=step)

    moments = [floored(at, step) for at, _ in rows_between(lively, period)]
    assert {begins: n for (begins,), n in found.items()} == Counter(moments)


@pytest.mark.parametrize("period", PERIODS)
def test_delays_are_those_of_the_decisions(lively: sa.Engine, period: Period) -> None:
    with reading(lively) as connection:
        found = totals(connection, DELAYS, asked(lively, period), "up_to_ms")

    edges = [
        next(edge for edge in EDGES if took <= edge * 1000)
        for _, took in rows_between(lively, period)
    ]
    assert found == Counter((edge,) for edge in edges)


def test_figures_are_of_this_moment(engine: sa.Engine) -> None:
    record(engine, [decided(NOW - 3 * HOUR), decided(NOW - 3 * SLACK)])
    count(engine)
    record(engine, [decided(NOW - timedelta(seconds=1))])

    with reading(engine) as connection:
        wanted = Asked(Period(MONDAY, NOW), reach_of(connection, NOW))
        assert totals(connection, COUNTS, wanted) == {(): 3}


def test_counting_again_changes_nothing(engine: sa.Engine) -> None:
    record(engine, some(chance(), NOW - DAY, NOW, 40))
    count(engine)
    before = kept(engine)
    with writing(engine) as connection:
        move(connection, Mark.HOURS, floored(NOW - DAY, HOUR))
        move(connection, Mark.DAYS, floored(NOW - DAY, DAY))

    count(engine)

    assert kept(engine) == before


def test_what_was_recorded_late_is_counted_once_its_hour_is_over(
    sqlite: sa.Engine,
) -> None:
    noon = MONDAY + 12 * HOUR
    record(sqlite, [decided(noon + timedelta(minutes=1))])
    count(sqlite, noon + timedelta(minutes=30))
    record(sqlite, [decided(noon + timedelta(minutes=2))])
    record(sqlite, [decided(noon + timedelta(minutes=40))])

    count(sqlite, noon + HOUR + SLACK)

    assert replies(sqlite, hourly_counts) == 3


def test_the_hour_under_way_grows(sqlite: sa.Engine) -> None:
    for minutes in range(0, 50, 10):
        at = MONDAY + timedelta(minutes=minutes)
        record(sqlite, [decided(at), decided(at, intent="refund")])
        count(sqlite, at + timedelta(minutes=5))

        assert replies(sqlite, hourly_counts) == 2 * (minutes // 10 + 1)
        assert replies(sqlite, hourly_delays) == 2 * (minutes // 10 + 1)


def test_nothing_is_counted_before_it_is_closed(sqlite: sa.Engine) -> None:
    record(sqlite, [decided(MONDAY)])

    assert not count_hour(sqlite, writer(sqlite), MONDAY + SLACK)
    assert count_hour(sqlite, writer(sqlite), MONDAY + SLACK + timedelta(minutes=1))


def test_of_two_that_count_at_once_one_is_heard(engine: sa.Engine) -> None:
    first, later = MONDAY + timedelta(minutes=10), MONDAY + timedelta(minutes=20)
    record(engine, [decided(first)])
    count(engine, first + 2 * SLACK)
    record(engine, [decided(later), decided(later)])
    held: list[object] = []

    assert count_hour(engine, held.append, later + 2 * SLACK)
    count(engine, later + 2 * SLACK)
    writer(engine)(held.pop())  # type: ignore[arg-type] # as it was handed in

    assert replies(engine, hourly_counts) == 3


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=12))
def test_figures_are_exact_whenever_they_are_asked_for(
    minutes: list[tuple[int, bool]],
) -> None:
    with TemporaryDirectory() as folder, store("sqlite", Path(folder)) as url:
        engine, now = engine_of(url), MONDAY
        for number, (later, counts) in enumerate(minutes, 1):
            now += timedelta(minutes=later)
            record(engine, [decided(now)])
            if counts:
                count(engine, now + timedelta(seconds=1))
            with reading(engine) as connection:
                reach = reach_of(connection, now + timedelta(seconds=1))
                period = Period(MONDAY, now + timedelta(seconds=1))
                found = totals(connection, COUNTS, Asked(period, reach))
            assert found.total() == number or not reach.whole
        engine.dispose()


def test_a_day_is_added_up_when_its_last_hour_is_final(sqlite: sa.Engine) -> None:
    record(sqlite, some(chance(), MONDAY, MONDAY + DAY, 49))
    record(sqlite, [decided(MONDAY + DAY - timedelta(seconds=1))])

    count(sqlite, MONDAY + DAY + SLACK - timedelta(seconds=1))
    assert replies(sqlite, daily_counts) == 0

    count(sqlite, MONDAY + DAY + SLACK)
    assert replies(sqlite, daily_counts) == 50


def test_an_empty_store_has_nothing_to_count(engine: sa.Engine) -> None:
    count(engine)

    with reading(engine) as connection:
        assert reach_of(connection, NOW) == Reach(None, NOW)
        wanted = Asked(Period(MONDAY, NOW), reach_of(connection, NOW))
        assert totals(connection, COUNTS, wanted, "action") == {}


def test_long_uncounted_decisions_are_not_looked_at(sqlite: sa.Engine) -> None:
    record(sqlite, [decided(MONDAY), decided(NOW - BEHIND - HOUR), decided(NOW)])

    with reading(sqlite) as connection:
        reach = reach_of(connection, NOW)
        found = totals(connection, COUNTS, Asked(Period(MONDAY, NOW), reach))

    assert reach == Reach(None, MONDAY, whole=False)
    assert found == {}


def test_a_quiet_night_is_not_taken_for_a_delay(sqlite: sa.Engine) -> None:
    record(sqlite, [decided(MONDAY)])
    count(sqlite, MONDAY + HOUR)
    record(sqlite, [decided(MONDAY + 9 * HOUR)])

    with reading(sqlite) as connection:
        reach = reach_of(connection, MONDAY + 9 * HOUR)

    assert reach.whole
    assert reach.hours == MONDAY + 9 * HOUR


def test_a_round_ends_when_its_time_is_up(sqlite: sa.Engine) -> None:
    record(sqlite, [decided(MONDAY + n * HOUR) for n in range(24)])
    counted = iter(range(100))

    while not count_up(sqlite, writer(sqlite), lambda: NOW, seconds=0):
        next(counted)

    assert next(counted) > 20
    assert replies(sqlite, daily_counts) == 24


def kept(engine: sa.Engine) -> list[list[tuple[object, ...]]]:
    tables = [table for kind in (COUNTS, DELAYS) for table in tables_of(kind)]
    with engine.connect() as connection:
        return [
            [tuple(row) for row in connection.execute(ordered(table))]
            for table in tables
        ]


def tables_of(kind: Kept) -> tuple[sa.Table, sa.Table]:
    return kind.hourly, kind.daily


def ordered(table: sa.Table) -> sa.Select[tuple[object, ...]]:
    # Sums of floats depend on their order.
    exact = [column for column in table.c if column.name != "confidence_sum"]
    return sa.select(*exact).order_by(*table.primary_key)


def replies(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.sum(table.c.replies))) or 0


def test_moments_are_floored_in_utc() -> None:
    odd = datetime(2026, 11, 23, 12, 59, 59, 999_999, tzinfo=UTC)

    assert floored(odd, HOUR) == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert floored(odd, DAY) == MONDAY
