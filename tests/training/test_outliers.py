from collections import Counter
from pathlib import Path

import training

LONGEST = 200  # characters
MOST_WORDS = 25
LINES = (
    Path(training.__file__)
    .with_name("outliers.txt")
    .read_text(encoding="utf-8")
    .splitlines()
)


def test_there_are_enough_texts_to_calibrate_on() -> None:
    assert len(LINES) >= 2_000


def test_no_text_comes_twice_whatever_its_case() -> None:
    seen = Counter(line.casefold() for line in LINES)

    twice = [line for line, times in seen.items() if times > 1]

    assert twice == []


def test_each_text_is_one_short_message() -> None:
    wrong = [
        text
        for text in LINES
        if text != text.strip()
        or not 1 <= len(text) <= LONGEST
        or not 1 <= len(text.split()) <= MOST_WORDS
    ]

    assert wrong == []
