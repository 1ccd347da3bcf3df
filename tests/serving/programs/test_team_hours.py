from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from serving.programs.team_hours import team_hours
from serving.routing.hours import Hours
from serving.routing.responses import usable
from serving.routing.segments import segments
from tests.serving.programs.shipped import LANGUAGES, shipped_programs

NEW_YORK = ZoneInfo("America/New_York")
DAY = (time(9), time(18))
SATURDAY = (time(10), time(16))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Mon-Fri 9am-6pm, Sat 10am-4pm (New York), not holidays"),
        ("es", "lun-vie 9-18, sab 10-16 (New York), salvo feriados"),
        ("fr", "lun-ven 9h-18h, sam 10h-16h (New York), hors fériés"),
        ("pt", "seg-sex 9-18h, sab 10-16h (New York), exceto feriados"),
        ("de", "Mo-Fr 9-18 Uhr, Sa 10-16 Uhr (New York), nicht feiertags"),
    ],
)
def test_a_program_s_hours_are_told_in_every_language_that_ships(
    language: str, said: str
) -> None:
    values = shipped_programs().default.values()

    assert values[f"team_hours_{language}"] == said


@pytest.mark.parametrize(
    ("week", "said"),
    [
        (dict.fromkeys(range(7), DAY), "Mon-Sun 9am-6pm"),
        ({0: DAY, 1: DAY, 3: DAY, 4: SATURDAY}, "Mon-Tue 9am-6pm, Thu 9am-6pm, Fri"),
        ({6: (time(0), time(12))}, "Sun 12am-12pm"),
        ({0: (time(9, 30), time(17, 5))}, "Mon 9:30am-5:05pm"),
    ],
)
def test_days_in_a_row_with_the_same_hours_are_told_at_once(
    week: dict[int, tuple[time, time]], said: str
) -> None:
    assert team_hours(Hours(NEW_YORK, week, frozenset()))["en"].startswith(said)


def test_holidays_are_told_where_there_are_dates_on_which_nobody_is_there() -> None:
    always = Hours(NEW_YORK, {0: DAY}, frozenset())
    but_one = Hours(NEW_YORK, {0: DAY}, frozenset({date(2026, 12, 25)}))

    assert team_hours(always)["en"] == "Mon 9am-6pm (New York)"
    assert team_hours(but_one)["en"] == "Mon 9am-6pm (New York), not holidays"


def test_times_between_full_hours_are_told_as_each_language_writes_them() -> None:
    told = team_hours(Hours(NEW_YORK, {5: (time(9, 30), time(18))}, frozenset()))

    spans = [told[language].split(" (")[0] for language in LANGUAGES]
    assert spans == [
        "Sat 9:30am-6pm",
        "sab 9:30-18",
        "sam 9h30-18h",
        "sab 9:30-18h",
        "Sa 9:30-18 Uhr",
    ]


def test_where_nobody_is_ever_there_no_hours_are_told() -> None:
    assert team_hours(Hours(NEW_YORK, {}, frozenset())) == {}


def test_hours_fit_into_a_message_and_cut_none_short() -> None:
    for words in team_hours(shipped_programs().default.hours).values():
        assert usable(words)
        assert segments(words).encoding == "GSM-7"
