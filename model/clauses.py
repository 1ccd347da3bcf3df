"""A reply, taken apart into what a person would hear as separate things said.

"yes and wheres my order" says two things, "do you have it in black and white" one.
Pieces come from the ends of sentences, from line breaks, and from words that begin
something new ("also", "btw"); a comma, "and" or "but" counts only where what follows
could be a reply of its own. A piece that cannot stand alone stays with its neighbour:
cutting too little costs a missed clause, cutting too much a wrong one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from model.clause_words import (
    ANSWER_FIRST,
    ANSWERS,
    ASKS,
    COURTESY,
    DANGLING,
    END,
    ENDS_IT,
    JOINING,
    LINK,
    NEW,
    OPENS,
    ORDERS,
    QUESTION,
    QUOTED_LINE,
    SAYING,
)
from model.text import MAX_CHARACTERS, folded, readable

MAX_CLAUSES = 4
"""Each costs a run of the graph; the rest of a longer reply stays in the last."""


class _Cut(IntEnum):
    """What parts a piece from the next, weakest first."""

    LOOSE = 0  # A comma, "and", or nothing at all.
    LOUD = 1  # "!", "?", "…": "stop! youre too kind" is not two things.
    NEW = 2  # The next piece opens with "also" or the like.
    END = 3  # A full stop, a semicolon, a line break, the end.


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    before: _Cut
    after: _Cut

    def stands_alone(self) -> bool:
        """Return whether the piece could be a reply of its own."""
        words = JOINING.sub("", folded(self.text))
        if words in ORDERS:  # A bare STOP that nothing goes on about.
            return min(self.before, self.after) >= _Cut.NEW
        tokens = words.split()
        said = not SAYING.isdisjoint(tokens)
        if words in ANSWERS:
            return True
        if self.after is _Cut.LOOSE:
            return said and len(tokens) >= _WHOLE and tokens[-1] not in DANGLING
        if self.before is _Cut.LOOSE:
            return len(tokens) >= _WHOLE
        return len(tokens) >= _WHOLE or (said and len(tokens) == _WHOLE - 1)


def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of `text`, readable, in order; one where it is not split.

    Lines that quote another message ("> ...") are in none of several clauses.
    """
    joined: list[str] = []
    waiting = ""  # What belongs to the next piece that can stand alone.
    own = QUOTED_LINE.sub("", text[:MAX_CHARACTERS])
    pieces = list(_pieces(own))
    for number, piece in enumerate(pieces, start=1):
        words, last = folded(piece.text), number == len(pieces)
        # "where is it? thanks" thanks for nothing yet, and a "stop" between sentences
        # belongs to both ("you had me at free. stop. take my money").
        courtesy = last and COURTESY.fullmatch(words)
        between = words in ORDERS and not last and number > 1
        alone = not courtesy and not between and piece.stands_alone()
        if between and joined:
            waiting = f"{joined.pop()} {piece.text}"
        elif alone and len(joined) < MAX_CLAUSES:
            joined.append(f"{waiting} {piece.text}".strip())
            waiting = ""
        elif joined and not waiting:
            joined[-1] = f"{joined[-1]} {piece.text}"
        else:
            waiting = f"{waiting} {piece.text}".strip()
    if waiting:
        joined.append(waiting)
    return tuple(joined) if len(joined) > 1 else (readable(text),)


def opens_anew(clause: str) -> bool:
    """Return whether `clause` opens as what asks, orders or begins something new.

    "when do u open" and "also cancel my 3pm" do; "it was due monday" goes on.
    """
    words = JOINING.sub("", folded(clause))
    openings = (OPENS, ENDS_IT, QUESTION)
    return bool(NEW.match(clause)) or any(o.match(words) for o in openings)


def _pieces(text: str) -> Iterator[_Piece]:
    before = _Cut.END
    for sentence, after in _sentences(text):
        *firsts, last = _parts(sentence)
        for part in firsts:
            yield _Piece(readable(part), before, _Cut.LOOSE)
            before = _Cut.LOOSE
        yield _Piece(readable(last), before, after)
        before = after


def _sentences(text: str) -> Iterator[tuple[str, _Cut]]:
    """Yield what stands between two ends or new beginnings, with its end."""
    begun = 0
    for end in END.finditer(text):
        sentence = text[begun : end.end()]
        if not sentence.strip():
            continue
        if end["new"]:
            # "my sister also wants one" begins nothing new.
            loose = _Piece(sentence, _Cut.END, _Cut.LOOSE)
            if not (loose.stands_alone() or folded(sentence) in ORDERS):
                continue
            cut = _Cut.NEW
        elif NEW.match(text, end.end()):
            cut = _Cut.NEW
        else:
            cut = _Cut.LOUD if end["loud"] else _Cut.END
        yield sentence, cut
        begun = end.end()
    if text[begun:].strip():
        yield text[begun:], _Cut.END


def _parts(sentence: str) -> Iterator[str]:
    """Cut at a comma, "and" or nothing at all where both sides are whole."""
    begun = 0
    for link in LINK.finditer(sentence):
        after = folded(sentence[link.end() : link.end() + _OPENING])
        before = sentence[begun : link.start()]
        if OPENS.match(after) and _Piece(before, _Cut.END, _Cut.LOOSE).stands_alone():
            yield before
            begun = link.end()
    answer = ANSWER_FIRST.match(sentence, begun)
    if answer and ASKS.match(folded(sentence[answer.end() :][:_OPENING])):
        yield answer[0]
        begun = answer.end()
    yield sentence[begun:]


_WHOLE = 3
"""Words; "white sneakers" and "or tuesday" are parts of what stands beside them."""

_OPENING = 60
"""Characters that tell how a piece opens: a page of commas must not cost seconds."""
