import pytest

from model.text import folded
from serving.routing.spellings import one_edit_apart, skeleton, spellings


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Stop", ["stop"]),
        ("STOPPPP", ["stopppp", "stop"]),
        ("5T0P", ["5t0p", "stop"]),
        ("$TOP 4LL!", ["top 4ll", "stop all"]),
        ("STOPA11", ["stopa11", "stopaii", "stopall"]),
        # A size is no keyword, a number no word.
        ("7D", ["7d"]),
        ("Stop 411", ["stop 411"]),
    ],
)
def test_a_word_is_also_read_without_drawn_out_letters_and_with_digits_read(
    text: str, forms: list[str]
) -> None:
    assert list(spellings(text, folded(text))) == forms


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        ("stop", "stop"),
        ("sto p", "stop"),
        ("sstopp alll", "stopal"),
        ("stopstop", "stop"),
        ("opt out opt out", "optout"),
        ("", ""),
    ],
)
def test_a_skeleton_has_no_spaces_no_doubled_letters_and_is_said_once(
    words: str, letters: str
) -> None:
    assert skeleton(words) == letters


@pytest.mark.parametrize(
    ("word", "other", "apart"),
    [
        ("stop", "sotp", True),
        ("stop", "stp", True),
        ("stop", "stoop", True),
        ("stop", "stip", True),
        ("stop", "stops", True),
        ("stop", "stop", False),
        ("stop", "tosp", False),
        ("stop", "opts", False),
        ("", "a", True),
        ("", "", False),
    ],
)
def test_one_slip_is_one_edit(word: str, other: str, *, apart: bool) -> None:
    assert one_edit_apart(word, other) is apart
    assert one_edit_apart(other, word) is apart
