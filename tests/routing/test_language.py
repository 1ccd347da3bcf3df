import pytest

from model.text import folded
from serving.routing.language import language_of
from serving.routing.ruleset import RuleSet

MARKERS = {
    "en": frozenset({"the", "is", "no"}),
    "es": frozenset({"el", "es", "no"}),
    "fr": frozenset({"le", "est"}),
}


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("the shop is shut", "en"),
        ("el pedido es tarde", "es"),
        ("le magasin est ferme", "fr"),
        ("the el es", "es"),
        ("the", None),
        ("", None),
        ("blue shoes", None),
        ("no shoes", None),
        ("the le", None),
    ],
)
def test_most_markers_win_and_a_tie_tells_nothing(
    words: str, language: str | None
) -> None:
    assert language_of(words, MARKERS) == language


def test_without_markers_no_language_is_told() -> None:
    assert language_of("the shop is shut", {"en": frozenset()}) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my order", "en"),
        ("¿dónde está mi pedido?", "es"),
        ("où est ma commande", "fr"),
        ("quando chega o meu pedido", "pt"),
        ("wo ist meine Bestellung", "de"),
        ("muchas gracias por la info", "es"),
    ],
)
def test_the_shipped_markers_tell_plain_sentences(
    rules: RuleSet, text: str, language: str
) -> None:
    assert language_of(folded(text), rules.keywords.markers) == language


@pytest.mark.parametrize(
    "text",
    [
        "No problem",
        "no refund yet",
        "as soon as possible",
        "same as last time",
        "use em",
        "deliver mon",
    ],
)
def test_short_english_is_not_taken_for_another_language(
    rules: RuleSet, text: str
) -> None:
    assert language_of(folded(text), rules.keywords.markers) in {"en", None}
