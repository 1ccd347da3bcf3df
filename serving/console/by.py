"""Who changes something, for the audit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import sqlalchemy as sa

from serving.access.audit import Value, record
from serving.console.viewer import Viewer
from serving.service import Service


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something, and what the change needs of the world.

    Attributes:
        actor: `user:<name>`, `operator:<name>`, or the name of a component.
        now: the present moment, aware.
        new_id: a new id.
    """

    actor: str
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    @classmethod
    def viewer(cls, viewer: Viewer, service: Service) -> Self:
        """Return someone who is signed in."""
        return cls(viewer.actor, service.intake.now, service.intake.new_id)

    def note(
        self,
        connection: sa.Connection,
        action: str,
        details: Mapping[str, Value],
        *,
        kind: str | None = None,
        digest: str | None = None,
    ) -> None:
        """Write what was done into the audit, within the caller's transaction.

        Raises:
            ValueError: a detail holds a telephone number.
        """
        record(
            connection,
            actor=self.actor,
            action=action,
            now=self.now,
            new_id=self.new_id,
            subject_kind=kind,
            subject_digest=digest,
            details=details,
        )
