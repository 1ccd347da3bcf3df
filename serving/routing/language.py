"""The language of a reply, told by its commonest words.

Detectors for documents fail on "alto", "si" and "no" and cost 130 MB; most replies
are shorter than five words. Function words settle the rest, and None is an answer.
"""

from collections.abc import Mapping

_MINIMUM_WORDS = 2


def language_of(words: str, markers: Mapping[str, frozenset[str]]) -> str | None:
    """Return the language (ISO 639-1) with the most marker words, or None.

    Args:
        words: folded text.
        markers: folded function words of each language, the default language first.
    """
    tokens = words.split()
    if len(tokens) < _MINIMUM_WORDS:
        return None
    counts = {
        language: sum(token in common for token in tokens)
        for language, common in markers.items()
    }
    best = max(counts, key=counts.__getitem__)
    rivals = [language for language, count in counts.items() if count == counts[best]]
    return best if counts[best] and len(rivals) == 1 else None
