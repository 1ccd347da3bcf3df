"""Why a reply was read as it was, as the Review page shows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from serving.schemas import WordOut

FAINT = 2.0
"""Log-odds: lesser weights stay pale even where they are the greatest."""

SLIGHT = 0.2
"""Log-odds that are not worth a shade."""

SHADES = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a reply.

    Attributes:
        text: as it was written.
        weight: its weight in log-odds; None where it carries nothing.
        shade: 1 to `SHADES`, the strongest last; 0 where it carries nothing.
    """

    text: str
    weight: float | None = None
    shade: int = 0


def pieces(text: str, words: Sequence[WordOut]) -> list[Piece]:
    """Return a reply cut into words that carried its reading and what is between.

    Args:
        text: the reply.
        words: what was weighed of it, in order.
    """
    return [piece for piece in _cut(text, words) if piece.text]


def _cut(text: str, words: Sequence[WordOut]) -> Iterator[Piece]:
    most = max([FAINT, *(abs(word.weight) for word in words)])
    done = 0
    for word in words:
        yield Piece(text[done : word.start])
        written, weight = text[word.start : word.end], word.weight
        if abs(weight) < SLIGHT:
            yield Piece(written)
        else:
            shade = max(1, round(SHADES * abs(weight) / most))
            yield Piece(written, weight, shade)
        done = word.end
    yield Piece(text[done:])
