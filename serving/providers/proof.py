"""The steps that signature schemes share."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from serving.providers.webhook import RefusalCode, Refused, Webhook

_LONGEST_NUMBER = 15  # digits; more are no second since 1970


def header(webhook: Webhook, name: str) -> str:
    """Return a header that must be there."""
    value = webhook.headers.get(name, "")
    if not value:
        detail = f"the header {name} is missing; is signing on at the provider?"
        raise Refused(RefusalCode.MISSING_SIGNATURE, detail)
    return value


def octets(text: str) -> bytes:
    """Return `text` in UTF-8, even where it is not to be written in UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def same(one: str, other: str) -> bool:
    """Return whether two strings are equal, in a time that tells nothing."""
    # Bytes, because compare_digest takes no string beyond ASCII.
    return hmac.compare_digest(octets(one), octets(other))


def need(found: Iterable[bool]) -> None:
    """Refuse unless one of `found` is true; all are computed, so time tells nothing."""
    if not any(list(found)):
        detail = "no configured key made the signature; is it another account's?"
        raise Refused(RefusalCode.BAD_SIGNATURE, detail)


def need_account(account: str | None, accounts: frozenset[str]) -> None:
    """Refuse a webhook of an account that is not among `accounts`; none are any."""
    if accounts and account not in accounts:
        detail = "a good signature, but another account's; check program and provider"
        raise Refused(RefusalCode.WRONG_ACCOUNT, detail)


def hmac_base64(key: bytes, message: bytes, digest: str) -> str:
    """Return the HMAC of `message` in base64."""
    return base64.b64encode(hmac.digest(key, message, digest)).decode()


def decoded(text: str) -> bytes | None:
    """Return the bytes that base64 `text` stands for; None where it is not base64."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None


def seconds(text: str, where: str) -> int:
    """Return a number of seconds since 1970, written in digits."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        detail = f"{where}: expected seconds since 1970 in digits"
        raise Refused(RefusalCode.MALFORMED, detail)
    return int(text)


def need_fresh(
    signed_at: float, now: datetime, past: timedelta, future: timedelta
) -> None:
    """Refuse what was signed more than `past` ago or `future` ahead (since 1970)."""
    age = now.timestamp() - signed_at
    if age > past.total_seconds():
        detail = f"signed more than {past.total_seconds():.0f} s ago"
        raise Refused(RefusalCode.STALE, detail)
    if -age > future.total_seconds():
        detail = f"signed more than {future.total_seconds():.0f} s ahead of our clock"
        raise Refused(RefusalCode.STALE, f"{detail}; is it right?")


def need_basic(webhook: Webhook, keys: Iterable[str]) -> None:
    """Refuse unless HTTP Basic credentials are one of `keys`, `user:password` each."""
    scheme, _, encoded = header(webhook, "authorization").partition(" ")
    given = decoded(encoded.strip()) if scheme.lower() == "basic" else None
    if given is None:
        detail = "the header authorization: expected HTTP Basic credentials"
        raise Refused(RefusalCode.BAD_SIGNATURE, detail)
    need(hmac.compare_digest(given, key.encode()) for key in keys)
