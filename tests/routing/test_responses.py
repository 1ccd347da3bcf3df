import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.routing.responses import (
    MAX_VALUE,
    Rendered,
    Template,
    Variants,
    render,
    usable,
    variables,
)

LAW = settings(deadline=None)
ORDER = Template(
    "order_status",
    3,
    "Customer care lead",
    {
        "en": Variants("Order {order} comes {eta}.", safe="See {url}."),
        "es": Variants("Pedido {order}: {eta}."),
    },
)
HOLDING = Template(
    "holding",
    1,
    "Customer care lead",
    {"en": Variants("We answer soon.", safe="Wait.", closed="We are back {hours}.")},
)
KNOWN = {"order": "A17", "eta": "Friday", "url": "example.com"}


def text_of(rendered: Rendered) -> str | None:
    return rendered.words.text if rendered.words else None


def test_every_value_is_put_in_its_place() -> None:
    rendered = render(ORDER, "en", KNOWN, open_now=True)

    assert text_of(rendered) == "Order A17 comes Friday."
    assert rendered.missing == ()


def test_words_say_template_version_and_size() -> None:
    words = render(ORDER, "es", {**KNOWN, "eta": "mañana, según…"}, open_now=True).words

    assert words
    assert (words.template, words.segments, words.encoding) == (
        "order_status@3",
        1,
        "UCS-2",
    )


def test_a_missing_value_calls_for_the_safe_variant() -> None:
    rendered = render(ORDER, "en", {"order": "A17", "url": "x"}, open_now=True)

    assert text_of(rendered) == "See x."
    assert rendered.missing == ("eta",)


def test_without_a_safe_variant_nothing_is_sent_half_filled() -> None:
    rendered = render(ORDER, "es", {"order": "A17"}, open_now=True)

    assert rendered == Rendered(None, ("eta",))


def test_a_safe_variant_that_lacks_a_value_is_not_sent_either() -> None:
    rendered = render(ORDER, "en", {}, open_now=True)

    assert rendered == Rendered(None, ("order", "eta"))


def test_the_closed_variant_is_for_when_nobody_is_there() -> None:
    values = {"hours": "Monday"}

    assert text_of(render(HOLDING, "en", values, open_now=False)) == (
        "We are back Monday."
    )
    assert text_of(render(HOLDING, "en", values, open_now=True)) == "We answer soon."


def test_a_closed_variant_without_its_value_gives_way_to_the_safe_one() -> None:
    rendered = render(HOLDING, "en", {}, open_now=False)

    assert text_of(rendered) == "Wait."
    assert rendered.missing == ("hours",)


def test_a_template_without_closed_words_says_the_same_at_night() -> None:
    assert render(ORDER, "en", KNOWN, open_now=False) == render(
        ORDER, "en", KNOWN, open_now=True
    )


@pytest.mark.parametrize(
    "value", ["{eta}", "{", "}", "{{order}}", "{url}", r"\1", r"\g<0>", "%s"]
)
def test_a_value_with_braces_is_sent_as_it_is(value: str) -> None:
    rendered = render(ORDER, "en", {**KNOWN, "order": value}, open_now=True)

    assert text_of(rendered) == f"Order {value} comes Friday."


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("A17", True),
        ("Zoë", True),
        ("x" * MAX_VALUE, True),
        ("x" * (MAX_VALUE + 1), False),
        ("", False),
        ("   ", False),
        ("two\nlines", False),
        ("nul\x00", False),
        ("turned \u202e round", False),
    ],
)
def test_only_a_short_printable_value_is_used(value: str, *, good: bool) -> None:
    rendered = render(ORDER, "es", {**KNOWN, "order": value}, open_now=True)

    assert usable(value) is good
    assert (rendered.words is not None) is good


def test_white_space_around_a_value_is_dropped() -> None:
    rendered = render(ORDER, "en", {**KNOWN, "eta": "  Friday "}, open_now=True)

    assert text_of(rendered) == "Order A17 comes Friday."


def test_variables_are_named_once_in_order() -> None:
    assert variables("{b} {a} {b} {Not} {9x} {}") == ("b", "a")


@LAW
@given(st.dictionaries(st.sampled_from(["order", "eta", "url"]), st.text()))
def test_nothing_is_sent_unless_every_value_in_it_is_usable(
    values: dict[str, str],
) -> None:
    rendered = render(ORDER, "en", values, open_now=True)

    good = {name for name, value in values.items() if usable(value)}
    if {"order", "eta"} <= good:
        assert rendered.missing == ()
        assert rendered.words
    else:
        assert (rendered.words is not None) is ("url" in good)
