from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from serving.ledger.event import ConsentEvent, Kind, Source
from serving.ledger.words import (
    KINDS,
    LABELS,
    day_in_words,
    moment_in_words,
    value_in_words,
    visible,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("STOP now\n\tplease", "STOP now\n\tplease"),
        ("S\u200bTOP", "S⟨U+200B⟩TOP"),
        ("\u202epots", "⟨U+202E⟩pots"),
        ("\x00\ud83d", "⟨U+0000⟩⟨U+D83D⟩"),
        ("👩‍👧 ¿qué?", "👩‍👧 ¿qué?"),
    ],
)
def test_what_shows_nothing_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_moments_are_told_in_utc_and_in_english() -> None:
    noon = datetime(2026, 11, 23, 13, 0, 5, tzinfo=timezone(timedelta(hours=1)))

    assert moment_in_words(noon) == "23 November 2026, 12:00:05 UTC"
    assert day_in_words(date(2027, 1, 5)) == "5 January 2027"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (Source.SMS_KEYWORD, "sms keyword"),
        (date(2026, 12, 8), "8 December 2026"),
        ((3, 9), "3, 9"),
        (0.5, "0.5"),
        (
            datetime(2026, 11, 23, 12, 0, 0, 250, tzinfo=UTC),
            "23 November 2026, 12:00:00 UTC (2026-11-23T12:00:00.000250+00:00)",
        ),
    ],
)
def test_values_read_as_people_write_them(value: object, words: str) -> None:
    assert value_in_words(value) == words


def test_every_field_and_every_kind_has_its_words() -> None:
    assert list(LABELS) == [
        name for name in ConsentEvent.__dataclass_fields__ if name in LABELS
    ]
    assert set(LABELS) == set(ConsentEvent.__dataclass_fields__)
    assert set(KINDS) == set(Kind)
