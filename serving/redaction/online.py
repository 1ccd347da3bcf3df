"""E-mail addresses, links that may lead to one person, and names of accounts."""

import re
from collections.abc import Iterator

from serving.redaction.found import Found, Kind

_HOSTS = "gmail|hotmail|yahoo|outlook|icloud|aol|gmx"
_EMAIL = re.compile(
    # Runs are begun at their beginning alone: a page of one word costs no more.
    r"(?<![\w.+%'-])[\w.+%'-]+(?: ?@ ?[\w-]+(?:(?:\.[\w-]+)+"
    # Mistyped: "@gmail,com", "@gmail .com"; behind a space the commonest only.
    r"| ?[.,](?:com|net|org|edu|gov|de|fr|es|it|br|mx|ca|co\.uk)\b"
    r"| ?[.,] (?:com|net|org|edu|gov)\b)"
    # Cut off, and known all the same.
    rf"|@(?:{_HOSTS})\b)"
    # Dictated: "maria dot lopez at gmail dot com".
    r"|(?<![\w.+-])(?:\w+ (?:dot|punto|point|punkt|ponto) )?[\w.+-]+ "
    r"(?:at|arroba|chez|ät) "
    rf"(?:{_HOSTS}|g mail|web|live)"
    r"(?: ?(?:dot|punto|point|punkt|ponto) ?|\.)(?:com|net|de|fr|es|br|it|co\.uk)"
    # A machine's domain may be cut off: "ap@ our domain".
    r"|(?<![\w.+-])[\w.+-]+@(?=\s)",
    re.IGNORECASE,
)
_LINK = re.compile(
    # A bare host tells nothing of a person: nordstrom.com stays.
    r"(?:https?://|www\.)\S+[/?]\S+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|co|io|ly|me|app|link|shop|us|uk|de|fr|es"
    r"|it|br|ca|gl|to|gg)[/?][\w\-./?=&%#+~]*\w",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    # Either it looks like no word, or what stands before says what it is.
    r"(?<![\w@/.])@(?=[\w.-]*[\d_.-]\w)[a-z_][\w.-]{2,29}\b"
    r"|(?:\b(?:ig|insta(?:gram)?|twitter|tik ?tok|snap(?:chat)?|venmo|telegram|handle"
    r"|username|user ?name|usuario|benutzername|utilisateur|usuário)\b"
    r"(?:\s+(?:name|is|es|ist|est|é|id))?[\s:]+)(?P<name>@?[a-z_][\w.-]*[\d_@.-]\w*)"
    r"|(?:\b(?:ig|insta(?:gram)?|twitter|tik ?tok|snap(?:chat)?|venmo|telegram|handle"
    r"|dm|follow|tag)\b[\w\s:]{0,12})(?P<at>@[a-z_][\w.-]{2,29})",
    re.IGNORECASE,
)


def online(text: str) -> Iterator[Found]:
    """Yield e-mail addresses, links and names of accounts."""
    for found in _EMAIL.finditer(text):
        yield Found(found.start(), found.end(), Kind.EMAIL)
    if "/" in text or "?" in text:
        for found in _LINK.finditer(text):
            yield Found(found.start(), found.end(), Kind.LINK)
    for found in _HANDLE.finditer(text):
        group = "name" if found["name"] else "at" if found["at"] else 0
        yield Found(found.start(group), found.end(group), Kind.HANDLE)
