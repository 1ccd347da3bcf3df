"""Reactions that phones send as text, quoting the message they react to.

The grammar is anchored at both ends: "Loved it but please stop texting me" and
"Liked your page. STOP" are people's words. The quoted text is often our own, with
"Reply STOP" in it, so this is looked at before any keyword.
"""

import re

_QUOTED = r"[\"“”«].*[\"”“»]"
_THING = (
    r"(?:an? (?:image|photo|picture|movie|video|audio message|attachment|sticker"
    r"|link|contact|location|gif|message))"
)
# An emoji, perhaps joined or modified: no letters, digits, quotes or spaces.
_EMOJI = r"[^\w\s\"“”«».,!?'’]{1,12}"

_TAPBACK = "Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned"
_SIGN = "heart|like|dislike|laugh|exclamation(?: mark)?|question mark"

_REACTION = re.compile(
    "|".join(
        (
            rf"(?:{_TAPBACK}) (?:{_QUOTED}|{_THING})",
            rf"Removed an? (?:{_SIGN}) from (?:{_QUOTED}|{_THING})",
            rf"Reacted (?:with )?{_EMOJI} to (?:{_QUOTED}|{_THING})",
            rf"{_EMOJI} to {_QUOTED}",
            rf"Removed (?:the )?{_EMOJI} (?:reaction )?from (?:{_QUOTED}|{_THING})",
            rf"A attribué la mention {_QUOTED} à {_QUOTED}",
            rf"A (?:adoré|aimé|réagi avec {_EMOJI}) (?:à )?{_QUOTED}",
            rf"A retiré la mention {_QUOTED} de {_QUOTED}",
            rf"(?:Le (?:encantó|gustó|dio risa)|Reaccionó con {_EMOJI} a) {_QUOTED}",
        )
    ),
    re.DOTALL | re.IGNORECASE,
)


_BEFORE = re.compile(
    rf"(?:{_TAPBACK}) (?:[\"“”«][^\"“”»]*[\"“”»]|{_THING})[\s,.]+(?=\S)",
    re.IGNORECASE,
)


def after_reaction(text: str) -> str | None:
    """Return what a person wrote behind a phone's reaction, None without one."""
    found = _BEFORE.match(text.strip())
    return text.strip()[found.end() :] if found else None


def is_reaction(text: str) -> bool:
    """Return whether the whole of `text` is a phone's reaction to a message."""
    return _REACTION.fullmatch(text.strip()) is not None
