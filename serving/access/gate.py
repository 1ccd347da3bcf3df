"""The gate: from what a request says of its caller to who that is, or why not.

While the store holds no key at all, the service is open: it runs for a newcomer on
their own machine (`refuse_open_to_the_world` keeps it there). From the first key on,
every call under /v1 needs one, be the last key revoked; webhooks of providers alone do
not, they prove themselves by their signature.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi.security.utils import get_authorization_scheme_param

from serving.access.caller import ANONYMOUS, Caller
from serving.access.key_ring import AGAIN_SECONDS, KeyRing, Keys
from serving.access.rates import Rates
from serving.access.refusal import (
    KEY_EXPIRED,
    KEY_MISSING,
    KEY_REVOKED,
    KEY_UNKNOWN,
    Refusal,
)
from serving.access.secret import Token

CLOSED = "/v1"
WEBHOOKS = "/v1/inbound/"


@dataclass(frozen=True, slots=True)
class Knock:
    """What a request says of its caller; the text of a key is not in the `repr`.

    Attributes:
        authorization: the header; None where there is none.
        address: where the request comes from, as the server sees it.
    """

    authorization: str | None = field(repr=False)
    address: str = field(repr=False)


class Gate:
    """Lets callers in."""

    def __init__(
        self, ring: KeyRing, rates: Rates, *, now: Callable[[], datetime]
    ) -> None:
        self._ring = ring
        self._now = now
        self.rates = rates

    async def admit(self, knock: Knock) -> Caller | Refusal:
        """Say who calls, counted against their rate, or why they are refused.

        What they may do is the `Caller`'s to say: `caller.check(scope, program)`.

        Raises:
            StoreError: the keys cannot be read; nobody is let in.
        """
        now = self._now()
        told = identify(await self._ring.keys(), knock.authorization, now)
        if told is KEY_UNKNOWN:
            # It may have been made or rotated a moment ago.
            keys = await self._ring.keys(at_most_seconds=AGAIN_SECONDS)
            told = identify(keys, knock.authorization, now)
        if isinstance(told, Refusal):
            return told
        if refusal := self.rates.caller(told, knock.address):
            return refusal
        if told.key_id:
            self._ring.used(told.key_id, now)
        return told

    def close(self) -> None:
        """Write what is to be written before the store is closed."""
        self._ring.write_uses()


def needs_caller(path: str) -> bool:
    """Return whether what is at `path` is for callers who were let in."""
    under = path == CLOSED or path.startswith(f"{CLOSED}/")
    return under and not path.startswith(WEBHOOKS)


def identify(keys: Keys, authorization: str | None, now: datetime) -> Caller | Refusal:
    """Return who an Authorization header is of; what it says is not repeated."""
    if keys.none_exists:
        return ANONYMOUS
    scheme, text = get_authorization_scheme_param(authorization)
    if scheme.lower() != "bearer" or not text:
        return KEY_MISSING
    token = Token.read(text)
    key = keys.by_id.get(token.key_id) if token else None
    # A wrong secret is told nothing of the key: not even that there is one.
    if token is None or key is None or not key.opens_with(token.secret, now):
        return KEY_UNKNOWN
    if key.revoked_at is not None:
        return KEY_REVOKED
    if key.expired(now):
        return KEY_EXPIRED
    return Caller(key.key_id, key.scopes, key.programs, key.per_minute)
