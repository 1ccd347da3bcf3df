"""Words that sell: they have no place in what the law makes us say."""

import re

from model.text import folded

_SELLING = re.compile(
    r"\b(?:"
    # English
    r"sales?|on sale|deals?|discounts?|coupons?|promos?|promotions?|promo code"
    r"|shop(?: now)?|buy(?: now)?|order now|save (?:up|now|big|\d+)|special offers?"
    r"|offers?|limited time|last chance|hurry|exclusive|giveaway|gift card|vip"
    # Spanish, French, Portuguese, German; accents are folded away
    r"|ofertas?|descuentos?|rebajas?|compre|compra ya|cupon(?:es)?|promocion(?:es)?"
    r"|offres?|soldes|remises?|promos?|achetez|reductions?"
    r"|descontos?|promoc(?:ao|oes)|cupom|liquidacao"
    r"|rabatte?|angebote?|gutscheine?|kaufen|aktion(?:en)?|schnappchen"
    r")\b"
)
_PERCENT = re.compile(r"\d+\s?%")


def selling_words(text: str) -> tuple[str, ...]:
    """Return the words of `text` that sell, folded, in their order."""
    found = [match[0] for match in _SELLING.finditer(folded(text))]
    if match := _PERCENT.search(text):
        found.append(match[0])
    return tuple(dict.fromkeys(found))
