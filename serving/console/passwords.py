"""Passwords: what may be one, how it is kept, and how it is tried.

Kept is Argon2id in its own notation (PHC), with the work that RFC 9106 recommends where
memory is limited: 64 MiB, 3 passes, 4 lanes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from model.errors import SettingsError

LEAST = 15
"""Characters: what NIST SP 800-63B-4 asks where a password is all there is."""

MOST = 256
"""Characters; a longer one would only cost us time."""

_LEAST_DIFFERENT = 5

_SALT_BYTES = 16
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Work:
    """What hashing a password costs; `memory` in KiB."""

    memory: int = 65_536
    passes: int = 3
    lanes: int = 4

    @property
    def notation(self) -> str:
        """How a hash begins that was made with this work."""
        return f"$argon2id$v=19$m={self.memory},t={self.passes},p={self.lanes}$"


USUAL = Work()

_NOBODYS = (
    f"{USUAL.notation}cmVwbHl3aXNlIG5vYm9keQ"
    "$2RsJVCUTa5n7tBMqKvXJSdIVzYYkF1mM2jYGyTcRU7M"
)
"""A hash that no password has, for names that nobody bears."""


def checked(password: str, name: str) -> str:
    """Return `password` where it may be one of `name`'s.

    Raises:
        SettingsError: it is too easily guessed. The message does not repeat it.
    """
    if not LEAST <= len(password) <= MOST:
        raise SettingsError(
            f"password: expected {LEAST} to {MOST} characters, got {len(password)}; "
            "four words that have nothing to do with each other are one"
        )
    tells_name = len(name) >= _LEAST_DIFFERENT and name in password.casefold()
    if tells_name or len(set(password)) < _LEAST_DIFFERENT:
        raise SettingsError(
            "password: expected one without the name in it, of at least "
            f"{_LEAST_DIFFERENT} different characters"
        )
    return password


def hashed(
    password: str, work: Work = USUAL, random: Callable[[int], bytes] = os.urandom
) -> str:
    """Return what is kept of a password."""
    hasher = Argon2id(
        salt=random(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=work.passes,
        lanes=work.lanes,
        memory_cost=work.memory,
    )
    return hasher.derive_phc_encoded(password.encode())


def fits(password: str, kept: str | None) -> bool:
    """Return whether `password` is the one that is kept; None where none is.

    It takes as long where none is kept, so that nobody learns which names there are.
    """
    given = password[:MOST].encode("utf-8", "replace")
    try:
        Argon2id.verify_phc_encoded(given, kept or _NOBODYS)
    except InvalidKey:
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Return whether a password was hashed with other work than is usual today."""
    return not kept.startswith(USUAL.notation)
