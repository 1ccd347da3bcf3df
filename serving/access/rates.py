"""How often one may call, in a window that moves, kept in this process' memory.

With several processes each grants the whole rate. An address is never kept: it is
one of `PLACES` places by a digest with a secret of this process, so that neither a
memory dump nor a flood of addresses does harm; two addresses may share a place.
"""

import hashlib
import hmac
import math
import secrets
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from serving.access.caller import Caller
from serving.access.refusal import Refusal, too_many

_WINDOW = 60
PLACES = 1_024
_NETWORK_BITS = 64
"""Of an IPv6 address: whoever has one usually has as many as they like behind it."""


class Rates:
    """Counts calls of keys, of addresses while nobody needs a key, and of webhooks."""

    def __init__(
        self,
        *,
        anonymous_per_minute: int,
        webhooks_per_minute: int,
        memory: MemoryStorage | None = None,
        blinding: bytes | None = None,
    ) -> None:
        self._windows = MovingWindowRateLimiter(memory or MemoryStorage())
        self._anonymous = anonymous_per_minute
        self._webhooks = webhooks_per_minute
        self._blinding = blinding or secrets.token_bytes(32)

    def caller(self, caller: Caller, address: str) -> Refusal | None:
        """Count a call; None where it is within the caller's rate."""
        if caller.key_id is None or caller.per_minute is None:
            return self._count("address", self._place(address), self._anonymous)
        return self._count("key", caller.key_id, caller.per_minute)

    def webhook(self, program: str) -> Refusal | None:
        """Count a webhook of `program` whose signature was verified.

        Not before: anyone could use up the program's rate with forged ones, and a
        provider that is told to come back may give up on a STOP.
        """
        return self._count("webhook", program, self._webhooks)

    def _count(self, kind: str, name: str, per_minute: int) -> Refusal | None:
        limit = RateLimitItemPerMinute(per_minute)
        if self._windows.hit(limit, kind, name):
            return None
        free_at = self._windows.get_window_stats(limit, kind, name).reset_time
        # The library counts on the wall clock.
        wait = min(max(1, math.ceil(free_at - time.time())), _WINDOW)
        return too_many(
            f"More than {per_minute} calls a minute; the next is free in {wait} s.",
            {
                "Retry-After": str(wait),
                # draft-ietf-httpapi-ratelimit-headers
                "RateLimit-Policy": f'"{kind}";q={per_minute};w={_WINDOW}',
                "RateLimit": f'"{kind}";r=0;t={wait}',
            },
        )

    def _place(self, address: str) -> str:
        digest = hmac.digest(self._blinding, network_of(address), hashlib.sha256)
        return str(int.from_bytes(digest[:8]) % PLACES)


def network_of(address: str) -> bytes:
    """Return what of an address tells two callers apart."""
    try:
        read = ip_address(address)
    except ValueError:  # A socket of this machine, a test client.
        return address.encode(errors="surrogateescape")
    if not isinstance(read, IPv6Address):
        return read.packed
    if read.ipv4_mapped:
        return read.ipv4_mapped.packed
    return read.packed[: _NETWORK_BITS // 8]
