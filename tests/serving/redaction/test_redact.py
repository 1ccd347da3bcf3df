import time
from string import ascii_letters, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.redaction import CASES, Case, figures, read_cases, unmarked
from serving.redaction.found import Found, Kind, settled
from serving.redaction.redact import PLACEHOLDERS, redact

TEST = read_cases(CASES / "test.txt")
TUNE = read_cases(CASES / "tune.txt")
texts = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from([case.text for case in TUNE]) | st.text(ascii_letters + digits),
        max_size=3,
    ).map(" ".join),
)


def test_most_details_go_and_little_else_does() -> None:
    seen = figures(TEST)

    assert seen.gone / seen.marked >= 0.85
    assert seen.rightly / seen.found >= 0.97


@pytest.mark.parametrize("kind", [Kind.EMAIL, Kind.CARD, Kind.PHONE, Kind.BIRTH])
def test_what_has_a_form_of_its_own_goes_always(kind: Kind) -> None:
    for cases in (TUNE, TEST):
        seen = figures(cases, kind)
        assert seen.gone == seen.marked > 0


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("hi its Maria, order #448120 please", "hi its Sam, order #100234 please"),
        ("call 212-555-0147", "call 555-0100"),
        ("mail Jo.March+x@fastmail.com", "mail sam@example.com"),
        ("Connie's tonight", "Sam's tonight"),
        ("see brand.com/o/8a7?c=1", "see example.com/x"),
        ("brand.com", "brand.com"),
        ("will you mark it down in may?", "will you mark it down in may?"),
        ("I paid $12,000 on 12/05/2026 at 10:30", None),
        ("", ""),
    ],
)
def test_a_detail_is_replaced_by_what_people_write(
    text: str, redacted: str | None
) -> None:
    assert redact(text).text == (text if redacted is None else redacted)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("my ssn is 123 45 6789", "my ssn is 100234"),
        ("123 45 6789", "100234"),
        ("ssn 123.45.6789", "ssn 100234"),
        ("ssn 123-45-6789", "ssn 100234"),
        ("my cell 555 12 3456", "my cell 100234"),
        ("my account number is 12 3456 7890", "my account number is 100234"),
        ("account 12-3456-7890.", "account 100234."),
        ("acct no. 12.3456.7890 thx", "acct no. 100234 thx"),
        ("order #1 2345 6789", "order #100234"),
        # What one shape would have less of goes by the other.
        ("invoice INV-2024-0871 is", "invoice 100234 is"),
        ("tracking 9400 1118 9922 3197 4285 68", "tracking 100234"),
    ],
)
def test_a_number_in_groups_goes_as_a_whole(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "my order is 12.05.2026",
        "booking 24 12 2026 please",
        "order 8 10 12 14",
        "the order was 29.99 2000",
        "it was 199.99 2025 model",
        "order 12 at 10 30 on 12 05",
        "my order of 12 2500 mg",
    ],
)
def test_dates_sizes_and_prices_behind_an_order_stay(text: str) -> None:
    assert redact(text).text == text


def test_what_follows_the_number_of_an_order_stays() -> None:
    assert redact("order 448120 2 shirts").text == "order 100234 2 shirts"


@pytest.mark.parametrize(
    "address",
    [
        "jsmith82@gmail,com",
        "jsmith82@gmail, com",
        "jsmith82@gmail .com",
        "jsmith82@gmail. com",
        "jsmith82@gmail",
        "maria.lopez@gmail .com",
        "maria.lopez@mail-host ,com",
        "maria.lopez@yahoo .es",
    ],
)
def test_a_mistyped_address_goes_as_a_whole(address: str) -> None:
    assert redact(f"my email is {address}").text == "my email is sam@example.com"


def test_the_sentence_behind_an_address_stays() -> None:
    told = redact("write jo@gmail. It is new, or jo@brand.com, it works")

    assert told.text == (
        "write sam@example.com. It is new, or sam@example.com, it works"
    )


def test_it_says_what_was_replaced_in_the_order_of_the_text() -> None:
    told = redact("Maria, 415-555-0134, maria@example.org")

    assert told.kinds == (Kind.NAME, Kind.PHONE, Kind.EMAIL)


def test_what_is_on_record_goes_in_any_case_as_whole_words() -> None:
    known = {"Zyx": Kind.NAME, "A1 B2": Kind.NUMBER, " ": Kind.NAME}

    assert redact("zyx has a1 b2, not zyxal", known=known).text == (
        "Sam has 100234, not zyxal"
    )


def test_numbers_are_read_as_the_program_s_country_writes_them() -> None:
    british = "ring 020 7946 0018"

    assert redact(british, regions=("GB",)).kinds == (Kind.PHONE,)


def test_the_surer_recogniser_has_the_word() -> None:
    first, second = Found(3, 9, Kind.EMAIL), Found(5, 12, Kind.NAME)

    assert settled([first, second, Found(0, 2, Kind.NUMBER)]) == [
        Found(0, 2, Kind.NUMBER),
        first,
    ]


@given(texts)
@settings(max_examples=60, deadline=None)
def test_a_second_time_changes_nothing_more(text: str) -> None:
    once = redact(text).text

    assert redact(redact(once).text).text == redact(once).text


@given(texts)
@settings(max_examples=60, deadline=None)
def test_what_is_kept_stands_as_it_was_written(text: str) -> None:
    told = redact(text)

    if not told.kinds:
        assert told.text == text
    rest = told.text
    for kind in told.kinds:
        before, found, rest = rest.partition(PLACEHOLDERS[kind])
        assert found
        assert before in text


@pytest.mark.parametrize("sign", ["a", "1", "1 ", "a@", "A. ", "#", "-", "x1-", "O'"])
def test_a_page_of_anything_is_read_in_a_moment(sign: str) -> None:
    began = time.process_time()

    redact((sign * 1_600)[:1_600])

    assert time.process_time() - began < 1


def test_marks_of_a_case_are_taken_off() -> None:
    text, details = unmarked("hi, {name:Maria} at {email:m@x.org}!")

    assert text == "hi, Maria at m@x.org!"
    assert [text[d.start : d.end] for d in details] == ["Maria", "m@x.org"]


def test_a_detail_counts_as_gone_when_nothing_of_it_is_left() -> None:
    half = Case("", *unmarked("Dr. {name:Zzyzx Maria}"))
    whole = Case("", *unmarked("{name:Maria} is {name:Qwrty}"))

    assert figures([half]).gone == 1
    assert (figures([whole]).gone, figures([whole]).marked) == (1, 2)
