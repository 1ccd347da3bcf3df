"""Folding what was folded a moment ago: a reply is asked about again and again.

The rules, before the model is asked and after, and the decision all look at the same
few clauses, on several threads within milliseconds.
"""

from functools import lru_cache

from model.text import MAX_CHARACTERS, folded, readable

REMEMBERED = 2048


def folded_once(text: str) -> str:
    """Return `folded(text)`; what is remembered is never long."""
    return _folded(text if len(text) <= MAX_CHARACTERS else readable(text))


_folded = lru_cache(maxsize=REMEMBERED)(folded)
