"""Reactions that phones send as text, quoting the message they react to.

The grammar is anchored at both ends: "Loved it but please stop texting me" and
"Liked your page. STOP" are people's words. The quoted text is often our own, with
"Reply STOP" in it, so this is looked at before any keyword.
"""

import re

_OPEN, _CLOSE = '["“„«]', '["”“»]'
_QUOTED = rf"(?:{_OPEN}.*{_CLOSE}|{_OPEN}[^\"“”»]*)"
"""A quote; the phone or the network may have cut it off."""
_NAMED = rf"{_OPEN}[^\"“”«»]{{1,30}}{_CLOSE}"
"""The name of a reaction, in quotes of its own (« J’aime »)."""
_THING = (
    r"(?:(?:an?|une?|una|um|uma|un|ein|eine|einen) (?:image|photo|picture|movie|video"
    r"|audio message|attachment|sticker|link|contact|location|gif|message"
    r"|imagen|foto|vídeo|archivo adjunto|vidéo|pièce jointe|imagem|anexo|bild|anhang"
    r"|immagine|allegato))"
)
# An emoji, perhaps joined or modified: no letters, digits, quotes or spaces.
_EMOJI = r"[^\w\s\"“”«».,!?'’]{1,12}"

_TAPBACK = "Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned"
_SIGN = "heart|like|dislike|laugh|exclamation(?: mark)?|question mark"

_OPENING = "|".join(
    (
        _TAPBACK,
        rf"Removed an? (?:{_SIGN}) from",
        rf"(?:Reacted (?:with )?)?{_EMOJI} to",
        rf"Removed (?:the )?{_EMOJI} (?:reaction )?from",
        # French
        rf"A attribué la mention {_NAMED} à",
        rf"A (?:adoré|aimé|ri de|souligné|réagi (?:avec )?{_EMOJI} à)",
        r"N[’']a pas aimé",
        rf"A retiré la (?:mention {_NAMED}|réaction {_EMOJI}) (?:de|à)",
        # Spanish
        r"(?:No )?Le (?:encantó|gustó|dio risa)|Se rió de|Exclamó por|Dudó sobre",
        rf"Enfatizó|Reaccionó con {_EMOJI} a|Eliminó \w+ [\w ]{{1,25}} de",
        # Portuguese
        r"(?:Não )?(?:curtiu|gostou de)|Adorou|Amou|Riu de|Enfatizou|Questionou",
        rf"Reagiu com {_EMOJI} a|Removeu \w+ [\w ]{{1,25}} de",
        # Italian
        r"(?:Non )?(?:gli|le) piace|Ha (?:amato|apprezzato|riso di|enfatizzato)",
        rf"Ha messo (?:{_NAMED}|un \w+) a|Ha reagito con {_EMOJI} a",
        # German
        r"Gefällt(?: nicht)?|Liebt|Lacht über|Betont|Hebt hervor|Hinterfragt",
        rf"Reagierte? mit {_EMOJI} auf|Hat mit {_EMOJI} reagiert auf",
    )
)
_REACTION = re.compile(
    rf"(?:{_OPENING}) (?:{_QUOTED}|{_THING})"
    # German has the verb behind the quote.
    rf"|Hat {_NAMED} zu „.*“ hinzugefügt|Hat „.*“ mit {_NAMED} markiert",
    re.DOTALL | re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:{_OPENING}) (?:{_OPEN}[^\"“”»]*{_CLOSE}|{_THING})[\s,.]+(?=\S)",
    re.IGNORECASE,
)


def after_reaction(text: str) -> str | None:
    """Return what a person wrote behind a phone's reaction, None without one."""
    found = _BEFORE.match(text.strip())
    return text.strip()[found.end() :] if found else None


def is_reaction(text: str) -> bool:
    """Return whether the whole of `text` is a phone's reaction to a message."""
    return _REACTION.fullmatch(text.strip()) is not None
