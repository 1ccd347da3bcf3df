import pytest

from serving.routing.reactions import is_reaction

FOOTER = "Sale today! Reply STOP to opt out"


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"{verb} “{FOOTER}”"
            for verb in (
                "Liked",
                "Loved",
                "Disliked",
                "Laughed at",
                "Emphasized",
                "Emphasised",
                "Questioned",
            )
        ),
        f'Liked "{FOOTER}"',
        "Loved “two\nlines”",
        "Loved “cut off …”",
        "Liked “cut off, without an end",
        "Liked an image",
        "Loved a movie",
        "Laughed at an audio message",
        "Emphasized an attachment",
        *(
            f"Removed {sign} from “{FOOTER}”"
            for sign in (
                "a heart",
                "a like",
                "a dislike",
                "a laugh",
                "an exclamation",
                "a question mark",
            )
        ),
        "Reacted 👍 to “ok”",
        "Reacted with 😂 to “ok”",
        "Reacted 👍🏽 to “ok”",
        "Reacted ❤️ to an image",
        "👍 to “Your order has shipped”",
        "Removed 👍 from “ok”",
        "Removed the 👍 reaction from “ok”",
        "A attribué la mention « J’aime » à « Répondez STOP »",
        "a attribué la mention «\u00a0Adore\u00a0» à «\u00a0merci\u00a0»",
        "A adoré « votre commande »",
        "a réagi avec 😂 à « votre commande »",
        "A retiré la mention « J’aime » de « votre commande »",
        "Le encantó “su pedido”",
        "Le gustó “su pedido”",
        "  Liked “padded”\n",
    ],
)
def test_a_phone_wrote_it(text: str) -> None:
    assert is_reaction(text)


@pytest.mark.parametrize(
    "text",
    [
        "Loved it but please stop texting me",
        "Liked your page. STOP",
        "Liked “your page”. STOP",
        "STOP. Liked “your page”",
        "I Liked “your page”",
        "Liked",
        "Liked the image",
        "Loved a movie about dogs",
        "Liked “your page” but stop...",
        "Removed a heart from my order",
        "Removed the onions from “my order”",
        "Reacted badly to “the cream”",
        "I reacted to “the cream”",
        "ok to “Your order has shipped”",
        "12 to “go”",
        "👍",
        "“Reply STOP to opt out”",
        "a adoré le produit",
        "Le gustó el regalo",
        "",
    ],
)
def test_a_person_wrote_it(text: str) -> None:
    assert not is_reaction(text)
