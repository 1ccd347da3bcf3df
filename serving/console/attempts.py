"""How often one may try to sign in, in this process' memory.

Counted by name, so that nobody tries one person's password for long, and by address,
so that nobody tries one password on everybody. Neither is kept: both are there as
digests with a secret of this process.
"""

import hashlib
import hmac
import secrets
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from serving.access.rates import network_of

MINUTES = 10
BY_NAME = RateLimitItemPerMinute(10, MINUTES)
BY_ADDRESS = RateLimitItemPerMinute(50, MINUTES)
"""Many may sit behind one address."""


class Attempts:
    """Counts attempts to sign in."""

    def __init__(
        self, memory: MemoryStorage | None = None, blinding: bytes | None = None
    ) -> None:
        self._windows = MovingWindowRateLimiter(memory or MemoryStorage())
        self._blinding = blinding or secrets.token_bytes(32)

    def wait(self, name: str, address: str) -> int:
        """Count an attempt and return the seconds to wait before it; 0 for none."""
        by_address = self._blind(network_of(address))
        if not self._windows.hit(BY_ADDRESS, "address", by_address):
            return self._until_free(BY_ADDRESS, "address", by_address)
        by_name = self._blind(name.encode())
        if not self._windows.hit(BY_NAME, "name", by_name):
            return self._until_free(BY_NAME, "name", by_name)
        return 0

    def succeeded(self, name: str) -> None:
        """Forget the attempts at a name whose owner has come in."""
        self._windows.clear(BY_NAME, "name", self._blind(name.encode()))

    def _until_free(self, limit: RateLimitItemPerMinute, kind: str, digest: str) -> int:
        free_at = self._windows.get_window_stats(limit, kind, digest).reset_time
        # The library counts on the wall clock.
        return max(1, round(free_at - time.time()))

    def _blind(self, what: bytes) -> str:
        return hmac.new(self._blinding, what, hashlib.sha256).hexdigest()
