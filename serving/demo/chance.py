"""Time, ids and chance of a simulated month: the same seed gives the same store."""

import random
import uuid
from datetime import UTC, datetime

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


class Clock:
    """A clock that is set by hand.

    Attributes:
        at: the moment that it shows, aware.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return what it shows."""
        return self.at

    def forward(self, at: datetime) -> None:
        """Set it to `at`, or leave it where it is later already."""
        self.at = max(self.at, at.astimezone(UTC))


class Ids:
    """UUIDs of version 7 of the moments that a clock shows."""

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self._clock = clock
        self._chance = chance

    def new(self) -> str:
        """Return the next one."""
        milliseconds = int(self._clock.at.timestamp() * 1000)
        high, low = self._chance.getrandbits(12), self._chance.getrandbits(62)
        bits = milliseconds << 80 | _VERSION_7 | high << 64 | _VARIANT | low
        return str(uuid.UUID(int=bits))
