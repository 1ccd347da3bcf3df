import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.programs.number import NumberKind, is_toll_free, read_number


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("+1 202-555-0142", "+12025550142", NumberKind.PHONE),
        ("(202) 555-0142", "+12025550142", NumberKind.PHONE),
        ("12025550142", "+12025550142", NumberKind.PHONE),
        ("447911123456", "+447911123456", NumberKind.PHONE),
        ("72345", "72345", NumberKind.SHORT_CODE),
        ("777", "777", NumberKind.SHORT_CODE),
        ("Fernhill", "Fernhill", NumberKind.ALPHANUMERIC),
        ("7Eleven", "7Eleven", NumberKind.ALPHANUMERIC),
        ("MG" + "0a" * 16, "MG" + "0a" * 16, NumberKind.MESSAGING_SERVICE),
        (
            "40017f1e-0000-4a5b-8c9d-000000000001",
            "40017f1e-0000-4a5b-8c9d-000000000001",
            NumberKind.MESSAGING_SERVICE,
        ),
    ],
)
def test_a_name_is_read_in_its_one_form(
    text: str, value: str, kind: NumberKind
) -> None:
    number = read_number(text, "US")

    assert (number.value, number.kind) == (value, kind)


@pytest.mark.parametrize("text", ["", "+123", "12", "A name that is long", "+", "🛑"])
def test_what_is_no_name_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="short code of 3 to 6 digits") as refused:
        read_number(text, "US")

    assert not text or text not in str(refused.value).replace("+12025550142", "")


@given(st.text(max_size=40))
def test_reading_twice_changes_nothing(text: str) -> None:
    try:
        once = read_number(text, "US")
    except ValueError:
        return

    assert read_number(once.value, "US") == once


@pytest.mark.parametrize(
    ("number", "free"),
    [
        ("+18005550142", True),
        ("+18885550142", True),
        ("+12025550142", False),
        ("+448081570000", False),
        ("72345", False),
        ("Fernhill", False),
    ],
)
def test_toll_free_is_the_north_american_kind(number: str, *, free: bool) -> None:
    assert is_toll_free(number) is free
