"""Who looks at the console, and what they may do there."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What someone is there for; each role may do what the one before it may."""

    QA = "qa"
    """Review decisions, read the figures, look consent up."""
    ANALYST = "analyst"
    """Release bundles and watch drift besides."""
    ADMIN = "admin"
    """Erase people's data and say who may work in the console besides."""


EVERYONE = frozenset(Role)
ANALYSTS = frozenset({Role.ANALYST, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Someone who is signed in."""

    user_id: str
    name: str
    role: Role

    @property
    def actor(self) -> str:
        """What the audit and the ledger call them."""
        return f"user:{self.name}"
