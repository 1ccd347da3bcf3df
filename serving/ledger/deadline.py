"""By when an opt-out must be honoured, and confirmed.

47 CFR 64.1200(a)(10): within a reasonable time, at most 10 business days from
receipt. "Business day" is not defined there; federal holidays, as they are observed,
are left out. Australia gives 5 working days (Spam Act 2003, schedule 2).
64.1200(a)(12): the one confirmation, sent within 5 minutes of receipt, is presumed to
have been agreed to.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from model.errors import SettingsError

BUSINESS_DAYS = 10
CONFIRMATION_WINDOW = timedelta(minutes=5)


def deadline(
    received_at: datetime,
    *,
    zone: ZoneInfo,
    days: int = BUSINESS_DAYS,
    country: str = "US",
) -> date:
    """Return the last day on which an opt-out may be honoured.

    The day of receipt, as it is in `zone`, is not counted; the last one is.

    Raises:
        SettingsError: the holidays of `country` (ISO 3166-1) are not known.
    """
    return business_days_after(
        received_at.astimezone(zone).date(), days=days, country=country
    )


def business_days_after(day: date, *, days: int, country: str) -> date:
    """Return the business day that is `days` after `day`; SettingsError as above."""
    if days < 1:
        raise SettingsError(f"opt-out deadline: expected 1 day or more, got {days}")
    return _calendar(country).get_nth_working_day(day, days)


def confirm_by(received_at: datetime) -> datetime:
    """Return until when the confirmation may go out."""
    return received_at + CONFIRMATION_WINDOW


def confirmed_in_time(received_at: datetime, sent_at: datetime) -> bool:
    """Return whether a confirmation that went out at `sent_at` was within the window.

    One that seems to be sent before the receipt is a matter of clocks, not of haste.
    """
    return sent_at <= confirm_by(received_at)


@lru_cache
def _calendar(country: str) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country)
    except NotImplementedError as error:
        raise SettingsError(
            f"opt-out deadline: no holidays are known for country {country!r}; "
            "expected an ISO 3166-1 code like US, CA or AU"
        ) from error
