import unicodedata

import pytest

from model.lookalikes import FOLD


def test_every_lookalike_imitates_one_small_ascii_letter() -> None:
    letters = set(FOLD.values())

    assert all(len(x) == 1 and x.isascii() and x.islower() for x in letters)


def test_no_plain_letter_is_folded_away() -> None:
    assert not [code for code in FOLD if chr(code).isascii()]


@pytest.mark.parametrize(
    ("lookalike", "letter"),
    [("\u0421", "c"), ("\u039f", "o"), ("\u054f", "s"), ("\u13a2", "t")],
)
def test_letters_of_other_scripts_fold_to_what_they_look_like(
    lookalike: str, letter: str
) -> None:
    assert lookalike.translate(FOLD) == letter


def test_circled_and_regional_letters_are_read() -> None:
    assert "🅢🅣🅞🅟".translate(FOLD) == "stop"
    assert "🇸🇹🇴🇵".translate(FOLD) == "stop"
    assert unicodedata.name("🇸").endswith("LETTER S")
