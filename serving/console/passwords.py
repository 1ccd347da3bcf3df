"""Passwords: what may be one, how it is kept, and how it is tried.

Kept is Argon2id as RFC 9106 recommends it where memory is limited (64 MiB, 3 passes).
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from model.errors import SettingsError

LEAST = 15
"""Characters: what NIST SP 800-63B-4 asks where a password is all there is."""

MOST = 256
"""Characters; a longer one would only cost us time."""

_LEAST_DIFFERENT = 5

USUAL = PasswordHasher()

_NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$cmVwbHl3aXNlIG5vYm9keQ"
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


def hashed(password: str, hasher: PasswordHasher = USUAL) -> str:
    """Return what is kept of a password."""
    return hasher.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Return whether `password` is the one that is kept; None where none is.

    It takes as long where none is kept, so that nobody learns which names there are.
    """
    try:
        USUAL.verify(kept or _NOBODYS, password[:MOST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Return whether a password should be hashed again, by today's parameters."""
    return USUAL.check_needs_rehash(kept)
