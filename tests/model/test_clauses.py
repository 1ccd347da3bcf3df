import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clauses import MAX_CLAUSES, clauses, opens_anew
from model.text import readable

SPLIT = [
    ("yes and wheres my order", "yes|wheres my order"),
    ("yes wheres my order", "yes|wheres my order"),
    ("STOP. also cancel my 3pm", "STOP.|also cancel my 3pm"),
    ("STOP also cancel my 3pm", "STOP|also cancel my 3pm"),
    ("STOP!! also cancel my 3pm", "STOP!!|also cancel my 3pm"),
    ("move me to 4. do u sell gift cards", "move me to 4.|do u sell gift cards"),
    ("it broke\nwhere do i send it back", "it broke|where do i send it back"),
    (
        "hi there! quick one. is it wool? n do u ship to peru",
        "hi there! quick one. is it wool?|n do u ship to peru",
    ),
    (
        "no thanks but what time do you close",
        "no thanks|what time do you close",
    ),
    (
        "i sent it back on monday, when do i get my money",
        "i sent it back on monday|when do i get my money",
    ),
    (
        "quiero cambiar mi cita, y cuanto cuesta el corte",
        "quiero cambiar mi cita|cuanto cuesta el corte",
    ),
    ("Merci beaucoup. Où est ma commande", "Merci beaucoup.|Où est ma commande"),
    ("Ja passt. Wann kommt mein Paket", "Ja passt.|Wann kommt mein Paket"),
    ("obrigado. onde está meu pedido", "obrigado.|onde está meu pedido"),
]
WHOLE = """
do you have it in black and white|my name and address changed|salt and vinegar, please
|the total was 3.30 at example.com|can you also send me the receipt|i love it so so much
|my sister also wants one|where is my order? thanks so much|hi! hope ur well|
|stop! you are too kind|stop, look and listen|please stop. the music|yes
|you had me at free. stop. take it|STOP|thanks!
|> Reply END to quit\nis this at both shops
|ok great, perfect, see you then|it was ok but then it stopped charging
|is it wool or cotton|small, medium and large|black, size 9, wide
"""


@pytest.mark.parametrize(("text", "parts"), SPLIT)
def test_what_is_said_separately_is_taken_apart(text: str, parts: str) -> None:
    assert clauses(text) == tuple(parts.split("|"))


@pytest.mark.parametrize("text", WHOLE.replace("\n", "").strip("|").split("|"))
def test_what_is_one_saying_is_left_whole(text: str) -> None:
    assert clauses(text) == (readable(text),)


@pytest.mark.parametrize(
    ("clause", "anew"),
    [
        ("when do u open", True),
        ("Does shipping cost extra?", True),
        ("also my card expired", True),
        ("and cancel my 3pm", True),
        ("no more texts", True),
        ("it was due monday", False),
        ("So disappointed.", False),
    ],
)
def test_what_asks_orders_or_begins_is_told_from_what_goes_on(
    clause: str, *, anew: bool
) -> None:
    assert opens_anew(clause) is anew


def test_a_long_story_costs_no_more_runs_than_a_short_one() -> None:
    story = " ".join(f"My parcel number {n} never came." for n in range(40))

    parts = clauses(story)

    assert len(parts) == MAX_CLAUSES
    assert parts[-1].endswith("number 39 never came.")


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_can_be_taken_apart_and_no_letter_is_made_up(text: str) -> None:
    parts = clauses(text)

    assert 1 <= len(parts) <= MAX_CLAUSES
    said = iter("".join(readable(text).split()))
    assert all(letter in said for letter in "".join("".join(parts).split()))
