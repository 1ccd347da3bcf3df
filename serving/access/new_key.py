"""What a key is to be, checked before it is made."""

import re
from dataclasses import dataclass
from datetime import timedelta

from model.errors import SettingsError
from serving.access.scope import Scope

PER_MINUTE = 6_000
"""Calls a minute where nothing else is said: 100 a second."""

MOST_PER_MINUTE = 60_000
"""A moving window remembers every call of the minute."""

LONGEST_NAME = 128

_PROGRAM = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to be.

    Raises:
        SettingsError: it cannot be meant.
    """

    name: str
    scopes: frozenset[Scope]
    programs: frozenset[str] = frozenset()
    per_minute: int = PER_MINUTE
    lifetime: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not (0 < len(self.name) <= LONGEST_NAME and self.name.isprintable()):
            raise SettingsError(
                f"name of a key: expected 1 to {LONGEST_NAME} printable characters"
            )
        if not self.scopes:
            names = ", ".join(Scope)
            raise SettingsError(f"scopes of a key: expected at least one of {names}")
        for program in sorted(self.programs):
            if not _PROGRAM.fullmatch(program):
                raise SettingsError(
                    f"program of a key: expected an id as in programs.yaml, got "
                    f"{program!r}"
                )
        if not 1 <= self.per_minute <= MOST_PER_MINUTE:
            raise SettingsError(
                f"calls a minute: expected 1 to {MOST_PER_MINUTE}, got "
                f"{self.per_minute}"
            )
        if self.lifetime is not None and self.lifetime <= timedelta(0):
            raise SettingsError("lifetime of a key: expected one in the future")
