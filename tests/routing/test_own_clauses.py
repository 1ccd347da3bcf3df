import pytest

from serving.routing.own_clauses import Break, own_clauses

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
