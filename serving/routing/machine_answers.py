"""Machines' answers: out of office, at the wheel, a network's or a company's robot."""

from itertools import pairwise

from serving.routing.folded_once import folded_once
from serving.routing.keywords import Keywords


def is_machine_answer(text: str, keywords: Keywords) -> bool:
    """Return whether `text` opens like a machine's answer and is no person's.

    Not where it opts out: in a clause of its own ("... Take me off your list."), or by
    a word that is not quoted ("thank you for contacting me but please stop", not "reply
    STOP"). Not where somebody speaks of himself after an opening that people use as
    well: a company's machine says "we". The classifier reads those.
    """
    words = folded_once(text)
    if not words.startswith(keywords.auto_replies):
        return False
    said = words.split()
    if words.startswith(_OF_PEOPLE_TOO) and not _OF_ONESELF.isdisjoint(said):
        return False
    return keywords.by_itself(text) is None and not _opts_out(said, keywords)


def _opts_out(said: list[str], keywords: Keywords) -> bool:
    return any(
        keywords.opts_out(word)
        for before, word in pairwise(said)
        # "Para" is a function word as well.
        if before not in _QUOTING
        and not any(word in marked for marked in keywords.markers.values())
    )


_OF_PEOPLE_TOO = (
    "thank you for contacting",
    "thanks for contacting",
    "this is an automated",
)
_OF_ONESELF = frozenset(("i", "im", "ive", "me", "my", "mine"))
_QUOTING = frozenset(("reply", "text", "send", "word"))
