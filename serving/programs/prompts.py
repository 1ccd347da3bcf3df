"""Prompts that would make a person say one thing and a carrier hear another.

"Reply CANCEL to cancel your visit" unsubscribes whoever obeys; "Reply YES to confirm"
subscribes anew at some carriers; "Reply STOP to skip this week" ends every message.
"""

import re
from collections.abc import Iterator

_CARRIER = (
    "cancel|end|quit|yes|stop|stopall|stop all|unsubscribe|revoke|optout|opt out"
    "|alto|baja|parar|cancelar|arret|arrêt|sair|stopp|abmelden"
)
_REPLY = (
    r"(?:reply|respond|text|send|answer|type|say|txt|responda|responde|escriba|envíe"
    r"|envie|conteste|répondez|envoyez|tapez|écrivez|escreva|digite|antworten sie"
    r"|antworte|senden sie|schreiben sie|tippen sie)"
)
_WITH = r"(?:\s+(?:back|us|with|by|the word|par|avec|com|con|mit))*"
_QUOTE = "[\"'\u201c\u201d\u2018\u2019\u00ab\u00bb]?"
_PROMPT = re.compile(
    rf"(?P<asked>\b{_REPLY}{_WITH}\s*:?\s+)?(?<!\w){_QUOTE}\s?(?P<word>{_CARRIER})\b"
    rf"\s?{_QUOTE}(?=(?P<rest>[^.!?;,]*))",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"^\s*(?:to|for|if|para|por|si|se|pour|um|zum|für|wenn)\b"
    r"(?P<purpose>(?:(?!\b(?:or|and)\s+(?-i:[A-Z]{2,})).)*)",
    re.IGNORECASE,
)
_PURPOSE_BEFORE = re.compile(
    r"(?:^|[.!?;]\s*|,\s*|\b(?:or|and|:)\s+)(?:to|for|para|pour|um|zum)\s+"
    r"(?P<purpose>[^.!?;,]*)[,:]?\s*(?:please\s+|just\s+)?$",
    re.IGNORECASE,
)
_OF_MESSAGES = re.compile(
    r"\b(?:opt[ -]?out|opt[ -]?in|unsubscribe|subscribe|texts?|texting|messages?|msgs?"
    r"|sms|mms|alerts?|notifications?|mensajes?|mensagens|nachrichten"
    r"|(?:no|any) more|join)\b",
    re.IGNORECASE,
)
_JUST_STOP = re.compile(r"\s*(?:stop|end|cancel|quit)\s*[,)]?\s*", re.IGNORECASE)


def carrier_prompts(text: str) -> Iterator[str]:
    """Yield each carrier's keyword that `text` asks for to do something else."""
    for found in _PROMPT.finditer(text):
        word, rest = found["word"], found["rest"]
        if not _is_meant(word, rest, asked=found["asked"] is not None):
            continue
        after = _PURPOSE.match(rest)
        before = _PURPOSE_BEFORE.search(text[: found.start()])
        named = after or before
        purpose = named["purpose"] if named else None
        if not _is_allowed(word, purpose):
            yield word.upper()


def _is_meant(word: str, rest: str, *, asked: bool) -> bool:
    """Return whether the word is prompted for, and no more than a word of a sentence.

    "Text END" is, and "YES to confirm"; "send cancel requests to the shop" is not.
    """
    purposeful = _PURPOSE.match(rest) is not None
    if not asked:
        return word.isupper() and purposeful
    return word.isupper() or purposeful or not rest.strip()


def _is_allowed(word: str, purpose: str | None) -> bool:
    """Return whether the purpose is what carriers take the word for.

    Without a purpose only STOP is plain.
    """
    if purpose is None:
        return word.casefold() in {"stop", "alto", "arret", "arrêt", "sair", "stopp"}
    return bool(_OF_MESSAGES.search(purpose) or _JUST_STOP.fullmatch(purpose))
