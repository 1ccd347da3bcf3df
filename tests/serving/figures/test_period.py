from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from serving.figures.period import Period, Reach, parts_of
from serving.store.moments import DAY, HOUR, floored, raised
from tests.serving.figures.making import MONDAY

HOURS = st.integers(0, 24 * 9).map(lambda n: MONDAY + n * HOUR)
MINUTES = st.integers(0, 60 * 24 * 9).map(lambda n: MONDAY + timedelta(minutes=n))
DAYS = st.none() | st.integers(0, 9).map(lambda n: MONDAY + n * DAY)


@given(HOURS, HOURS, MINUTES, DAYS, st.booleans(), st.booleans())
def test_parts_follow_each_other_without_a_gap(
    start: datetime,
    end: datetime,
    hours: datetime,
    days: datetime | None,
    whole: bool,  # noqa: FBT001 - hypothesis gives it
    by_days: bool,  # noqa: FBT001 - as above
) -> None:
    days = days and min(days, floored(hours, DAY))
    reach = Reach(days, hours, whole=whole)
    period = Period(start, max(start, end))

    parts = parts_of(period, reach, by_days=by_days)

    told = [part for part in (parts.days, *parts.hours, parts.tail) if part]
    told.sort(key=lambda part: part.start)
    until = period.end if whole else min(period.end, max(hours, period.start))
    covered = [moment for part in told for moment in (part.start, part.end)]
    assert covered[::2][1:] == covered[1::2][:-1]
    assert (covered[:1], covered[-1:]) == (
        ([], []) if period.start == until else ([period.start], [until])
    )
    if parts.days:
        assert by_days
        assert days
        assert parts.days.end <= days
        assert parts.days.start == raised(period.start, DAY)
    assert all(part.end <= hours for part in parts.hours)


def test_the_period_before_is_as_long_and_ends_where_this_begins() -> None:
    period = Period(MONDAY, MONDAY + 36 * HOUR)

    assert period.before() == Period(MONDAY - 36 * HOUR, MONDAY)


def test_whole_hours_leave_the_hour_under_way_out() -> None:
    half_past = MONDAY + HOUR + timedelta(minutes=30)

    assert Period(MONDAY, half_past).whole_hours() == Period(MONDAY, MONDAY + HOUR)
    assert Period(MONDAY + HOUR, half_past).whole_hours().end == MONDAY + HOUR
