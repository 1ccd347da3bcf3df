import pytest

from serving.routing.own_clauses import Break, own_clauses, own_text, unsigned

HARD, SOFT, ASKED, NOTHING = Break.HARD, Break.SOFT, Break.QUESTION, Break.NOTHING


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("stop by at 3", [("stop by at 3", NOTHING)]),
        ("STOP. now", [("STOP", HARD), ("now", NOTHING)]),
        ("STOP\nnow;", [("STOP", HARD), ("now", HARD)]),
        ("STOP! now", [("STOP", SOFT), ("now", NOTHING)]),
        ("stop, now", [("stop", SOFT), ("now", NOTHING)]),
        ("no - stop", [("no", SOFT), ("stop", NOTHING)]),
        ("stop... now", [("stop", SOFT), ("now", NOTHING)]),
        ("stop?! now", [("stop", ASKED), ("now", NOTHING)]),
        ("stop, also this", [("stop", HARD), ("this", NOTHING)]),
        ("stop also this", [("stop", HARD), ("this", NOTHING)]),
        ("non-stop", [("non-stop", NOTHING)]),
        ("...", []),
    ],
)
def test_a_reply_is_cut_at_every_mark_and_the_mark_is_told(
    text: str, clauses: list[tuple[str, Break]]
) -> None:
    found = [(clause.text.strip(), clause.after) for clause in own_clauses(text)]

    assert found == clauses


@pytest.mark.parametrize(
    "text",
    [
        'it says "STOP". why',
        "it says “STOP”. why",
        "it says ‘STOP’. why",
        "it says 'STOP'. why",
        "> STOP\nwhy",
        "see stop.com/STOP",
    ],
)
def test_words_of_somebody_else_are_out_of_sight(text: str) -> None:
    assert not any("STOP" in clause.text for clause in own_clauses(text))


def test_an_apostrophe_is_no_quote() -> None:
    assert own_clauses("I don't. Can't")[1].text.strip() == "Can't"


@pytest.mark.parametrize(
    "text",
    [
        "see you",
        "Re: see you",
        "see you\n\nSent from my iPhone",
        "see you (Sent with Slam Effect)",
        "see you\n-- \nJane\nAcme",
        "see you\n\nOn Monday Acme wrote:\nSTOP",
        "On Monday Acme wrote:\n> STOP\n\nsee you",
        "> STOP\nsee you",
    ],
)
def test_what_was_typed_is_told_from_what_was_added(text: str) -> None:
    assert own_text(text) == "see you"


@pytest.mark.parametrize(
    "text", ["sent with the wrong box", "on monday you wrote", "re the order: late"]
)
def test_what_a_person_typed_is_left_whole(text: str) -> None:
    assert own_text(text) == text


def test_a_forward_holds_nothing_of_its_own() -> None:
    assert own_text("Fwd: Sale!\nSTOP") == ""


def test_a_name_below_the_words_is_taken_off() -> None:
    assert unsigned("STOP\n- Bob") == "STOP"
    assert unsigned("STOP - Bob") == "STOP - Bob"
