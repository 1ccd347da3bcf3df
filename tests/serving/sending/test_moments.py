from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.sending.moments import Clock, closes_at, open_at, opens_at
from serving.sending.window import DAY, Holidays, Sureness, Window

MINUTE = timedelta(minutes=1)
# Clocks change at 2:00, at midnight, by half an hour, or in the south's spring.
CHANGES = [
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Adak", date(2027, 3, 14)),
    ("Europe/Paris", date(2027, 3, 28)),
    ("Europe/Paris", date(2026, 10, 25)),
    ("America/Havana", date(2027, 3, 14)),
    ("Asia/Beirut", date(2027, 3, 28)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Phoenix", date(2027, 3, 14)),
]


def window(opens: int, closes: int, days: range | list[int] = range(7)) -> Window:
    week = dict.fromkeys(days, (opens, closes))
    return Window("own", week, None, None, Sureness.OWN_CHOICE, "for a test")


def clock(zone: str, *windows: Window) -> Clock:
    return Clock(ZoneInfo(zone), windows)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(
    ("opens", "closes"),
    [(480, 1200), (0, DAY), (0, 90), (90, 150), (120, 180), (1380, DAY)],
)
def test_edges_are_exact_to_the_minute_around_a_change_of_clocks(
    zone: str, day: date, opens: int, closes: int
) -> None:
    clocks = (clock(zone, window(opens, closes, [0, 1, 5, 6])),)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    minutes = [start + n * MINUTE for n in range(3 * DAY)]
    opened = [open_at(clocks, minute) for minute in minutes]

    for index in range(0, 2 * DAY, 37):
        opening, closing = (
            next(minutes[n] for n in range(index + 1, len(minutes)) if opened[n] is how)
            if how in opened[index + 1 :]
            else None
            for how in (True, False)
        )
        if opened[index]:
            assert opens_at(clocks, minutes[index]) == minutes[index]
            assert closing is None or closes_at(clocks, minutes[index]) == closing
        else:
            assert opening is None or opens_at(clocks, minutes[index]) == opening


def test_a_day_of_24_hours_closes_at_no_midnight() -> None:
    always = (clock("America/New_York", window(0, DAY)),)

    assert closes_at(always, datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_windows_that_never_meet_open_never() -> None:
    apart = clock("UTC", window(0, 60)), clock("UTC", window(60, 120))

    assert opens_at(apart, datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_a_holiday_and_a_sunday_in_a_row_are_passed() -> None:
    french = Window(
        "FR",
        dict.fromkeys(range(6), (480, 1200)),
        Holidays("FR"),
        None,
        Sureness.SECONDARY,
        "for a test",
    )
    # The first of May 2027 is a Saturday.
    evening = datetime(2027, 4, 30, 18, tzinfo=UTC)

    opens = opens_at((clock("Europe/Paris", french),), evening)

    assert opens == datetime(2027, 5, 3, 6, tzinfo=UTC)


@given(
    st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy wants it so
        datetime(2028, 1, 1),  # noqa: DTZ001 - as above
        timezones=st.just(UTC),
    ),
    st.sampled_from(["America/New_York", "Pacific/Honolulu", "America/St_Johns"]),
)
def test_what_opens_is_open_and_was_not_a_moment_before(
    moment: datetime, zone: str
) -> None:
    clocks = clock(zone, window(540, 1200)), clock("America/Chicago", window(600, 1080))

    opens = opens_at(clocks, moment)

    assert opens is not None
    assert open_at(clocks, opens)
    assert opens == moment or not open_at(clocks, opens - timedelta(microseconds=1))
    closes = closes_at(clocks, opens)
    assert closes is not None
    assert not open_at(clocks, closes)
    assert open_at(clocks, closes - timedelta(microseconds=1))
