import pytest

from model.text import folded
from serving.routing.spellings import one_edit_apart, spellings


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Stop", ["stop"]),
        ("STOPPPP", ["stopppp", "stop"]),
        ("5T0P", ["5t0p", "stop"]),
        # A size is no keyword.
        ("7D", ["7d"]),
    ],
)
def test_a_word_is_also_read_without_drawn_out_letters_and_with_digits_read(
    text: str, forms: list[str]
) -> None:
    assert list(spellings(text, folded(text))) == forms


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
