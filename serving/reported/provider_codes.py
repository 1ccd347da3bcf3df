"""What providers' codes and words mean for consent.

From the providers' own lists of errors: Twilio 21610, Telnyx 40300, Plivo 200, Vonage
9, Sinch 257. Codes of filtering or registration (Twilio 30007, Telnyx 40002) are about
our messages, not about the person's will, and are none of these. AWS and Bandwidth have
no code; AWS says it in words.
"""

import re

from serving.programs.program import Provider

_CODES = {
    Provider.TWILIO: "21610",
    Provider.TELNYX: "40300",
    Provider.PLIVO: "200",
    Provider.VONAGE: "9",
    Provider.VONAGE_MD5: "9",
    Provider.VONAGE_MD5HASH: "9",
    Provider.VONAGE_SHA1: "9",
    Provider.VONAGE_SHA512: "9",
    Provider.VONAGE_MESSAGES: "9",
    Provider.SINCH: "257",
    Provider.SINCH_BASIC: "257",
}
_OPTED_OUT = re.compile(r"opt(?:ed)?[ _-]?out", re.IGNORECASE)
_DELIVERED = frozenset({"delivered", "message-delivered", "text_delivered"})


def means_opt_out(provider: Provider, code: str | None, status: str | None) -> bool:
    """Return whether the provider refuses the number because the person opted out."""
    if code is not None and code.strip() == _CODES.get(provider):
        return True
    return any(_OPTED_OUT.search(told) for told in (code, status) if told)


def means_delivered(status: str) -> bool:
    """Return whether the message is on the person's telephone."""
    return status.strip().casefold() in _DELIVERED
