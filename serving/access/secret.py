"""The text that a caller proves itself with: `rw_<key id>_<secret>`.

A secret is 32 random bytes. Nobody finds it by guessing, so its plain SHA-256 is kept:
slow hashes (bcrypt, argon2) are for passwords, which people choose, and would cost
every request their tenths of a second for nothing.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

SECRET_BYTES = 32
_ID_BYTES = 6
# The secret may hold underscores itself; the key id never does.
_WRITTEN = re.compile(r"rw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """A key id and its secret; the secret is not in the `repr`."""

    key_id: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls, random: Callable[[int], bytes], *, key_id: str | None = None) -> Self:
        """Make one of `random` bytes, for a new key or for the one called `key_id`."""
        secret = urlsafe_b64encode(random(SECRET_BYTES)).rstrip(b"=").decode()
        return cls(key_id or random(_ID_BYTES).hex(), secret)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what `text` says; None where it cannot be one of ours."""
        found = _WRITTEN.fullmatch(text)
        return cls(found[1], found[2]) if found else None

    def reveal(self) -> str:
        """Return the whole text, for the one time that it is shown."""
        return f"rw_{self.key_id}_{self.secret}"


def digest_of(secret: str) -> str:
    """Return the SHA-256 that is kept of a secret, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
