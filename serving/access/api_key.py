"""One key, as the store knows it."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from serving.access.scope import Scope
from serving.access.secret import digest_of


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret; moments are aware.

    Attributes:
        programs: the programs it is for; empty for all of them.
        per_minute: how many calls a minute it may make.
        previous_until: until when the secret before the last rotation still opens.
        last_used_at: to about a minute.
    """

    key_id: str
    name: str
    scopes: frozenset[Scope]
    programs: frozenset[str]
    per_minute: int
    created_at: datetime
    secret_digest: str = field(repr=False)
    previous_digest: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def opens_with(self, secret: str, now: datetime) -> bool:
        """Return whether `secret` is this key's; takes as long for any wrong one."""
        given = digest_of(secret)
        current = hmac.compare_digest(given, self.secret_digest)
        previous = hmac.compare_digest(given, self.previous_digest or "")
        overlaps = self.previous_until is not None and now < self.previous_until
        return current or (previous and overlaps)

    def expired(self, now: datetime) -> bool:
        """Return whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now
