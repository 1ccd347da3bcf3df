from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import SettingsError
from serving.ledger.deadline import (
    business_days_after,
    confirm_by,
    confirmed_in_time,
    deadline,
)

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 12, 18), date(2027, 1, 5)),
        (date(2026, 11, 23), date(2026, 12, 8)),
        (date(2026, 12, 19), date(2027, 1, 5)),  # a Saturday
        # Independence Day falls on a Saturday and is kept on Friday.
        (date(2026, 6, 26), date(2026, 7, 13)),
    ],
)
def test_ten_business_days_leave_out_federal_holidays(
    received: date, due: date
) -> None:
    noon = datetime(received.year, received.month, received.day, 17, tzinfo=UTC)

    assert deadline(noon, zone=NEW_YORK) == due


def test_the_day_of_receipt_is_the_one_where_the_program_is() -> None:
    late = datetime(2026, 11, 24, 3, tzinfo=UTC)  # 22:00 of the 23rd in New York

    assert deadline(late, zone=NEW_YORK) == date(2026, 12, 8)
    assert deadline(late, zone=ZoneInfo("UTC")) == date(2026, 12, 9)


def test_australia_gives_five_working_days() -> None:
    maundy_thursday = datetime(2026, 4, 2, 2, tzinfo=UTC)
    sydney = ZoneInfo("Australia/Sydney")

    # Good Friday and Easter Monday are holidays everywhere in Australia.
    assert deadline(maundy_thursday, zone=sydney, days=5, country="AU") == date(
        2026, 4, 13
    )


def test_a_country_that_is_not_known_is_named() -> None:
    with pytest.raises(SettingsError, match="country 'XX'; expected an ISO 3166-1"):
        business_days_after(date(2026, 1, 5), days=10, country="XX")


def test_no_days_are_no_deadline() -> None:
    with pytest.raises(SettingsError, match="expected 1 day or more, got 0"):
        business_days_after(date(2026, 1, 5), days=0, country="US")


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 20))
def test_a_deadline_is_a_business_day_and_never_early(day: date, days: int) -> None:
    due = business_days_after(day, days=days, country="US")

    assert due.weekday() < 5
    assert due >= day + timedelta(days=days)
    assert due <= business_days_after(day + timedelta(days=1), days=days, country="US")


def test_the_confirmation_has_five_minutes() -> None:
    received = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert confirm_by(received) == datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
    assert confirmed_in_time(received, received - timedelta(seconds=2))
    assert confirmed_in_time(received, received + timedelta(minutes=5))
    assert not confirmed_in_time(received, received + timedelta(minutes=5, seconds=1))
