from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from serving.routing.hours import DAYS, Hours

NEW_YORK = Hours(
    zone=ZoneInfo("America/New_York"),
    week=dict.fromkeys(range(5), (time(9), time(18))),
    closed_on=frozenset({date(2026, 12, 25)}),
)


def utc(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (utc(11, 23, 13, 59, 59), False),
        (utc(11, 23, 14), True),
        (utc(11, 23, 22, 59, 59), True),
        (utc(11, 23, 23), False),
        (utc(11, 22, 17), False),
    ],
)
def test_open_from_opening_until_before_closing(
    moment: datetime, *, is_open: bool
) -> None:
    assert NEW_YORK.open_at(moment) is is_open


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        # Clocks go forward on 2026-03-08 and back on 2026-11-01.
        (utc(3, 6, 13, 30), False),
        (utc(3, 9, 13, 30), True),
        (utc(10, 30, 13, 30), True),
        (utc(11, 2, 13, 30), False),
    ],
)
def test_the_same_utc_hour_moves_with_summer_time(
    moment: datetime, *, is_open: bool
) -> None:
    assert NEW_YORK.open_at(moment) is is_open


@pytest.mark.parametrize("moment", [utc(11, 1, 5, 30), utc(11, 1, 6, 30)])
def test_the_hour_that_comes_twice_is_open_both_times(moment: datetime) -> None:
    hours = Hours(NEW_YORK.zone, {6: (time(1), time(2))}, frozenset())

    assert hours.open_at(moment)


def test_the_hour_that_is_skipped_does_not_open() -> None:
    hours = Hours(NEW_YORK.zone, {6: (time(2), time(3))}, frozenset())

    assert not any(hours.open_at(utc(3, 8, hour, 30)) for hour in range(24))


def test_a_holiday_is_closed_on_its_local_date() -> None:
    assert not NEW_YORK.open_at(utc(12, 25, 17))
    assert NEW_YORK.open_at(utc(12, 24, 17))


def test_the_local_date_counts_not_the_date_in_utc() -> None:
    late = Hours(
        ZoneInfo("America/New_York"),
        {day: (time(0), time(23, 59)) for day in range(7)},
        frozenset({date(2026, 12, 25)}),
    )

    assert late.open_at(utc(12, 25, 4))
    assert not late.open_at(utc(12, 26, 4))


def test_the_sender_s_own_zone_does_not_matter() -> None:
    moment = utc(11, 23, 14)

    assert NEW_YORK.open_at(moment.astimezone(ZoneInfo("Asia/Tokyo")))


def test_the_week_starts_on_monday_as_python_s_does() -> None:
    assert DAYS[utc(11, 23, 12).weekday()] == "mon"
