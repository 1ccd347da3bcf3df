"""Whether a request that changes something was meant by who is signed in.

A page of another site can make a browser send requests with our cookies. It can
neither read our pages nor set our headers: so whatever changes something must repeat
a token that only our pages hold, the HMAC of the session's secret, and must not say
itself that it comes from elsewhere.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

HEADER = "x-csrf-token"
FIELD = "csrf"

_LABEL = b"replywise console form"


def form_token(secret: str) -> str:
    """Return what our forms repeat while `secret` is in the cookie."""
    return hmac.new(secret.encode(), _LABEL, hashlib.sha256).hexdigest()


def meant(expected: str, given: str | None) -> bool:
    """Return whether a form repeats its token."""
    return hmac.compare_digest(expected.encode(), (given or "").encode())


def from_here(headers: Mapping[str, str]) -> bool:
    """Return whether a request says that it comes from a page of ours, or nothing.

    Browsers say so in Sec-Fetch-Site where they trust the connection (HTTPS, this
    machine), else in Origin; what is no browser need not.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
