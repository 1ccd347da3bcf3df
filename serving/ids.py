"""Ids and time as the service gives them out."""

import os
import time
import uuid
from datetime import UTC, datetime

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a UUID of version 7 (RFC 9562): its order is the order of time."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    high, low = random >> 68, random & ((1 << 62) - 1)
    bits = milliseconds << 80 | _VERSION_7 | (high & 0xFFF) << 64 | _VARIANT | low
    return str(uuid.UUID(int=bits))
