"""What is done with a reply, before it is written down as a decision."""

from dataclasses import dataclass

from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Effect,
    Priority,
    Reason,
    Words,
)
from serving.routing.policy import IntentPolicy


@dataclass(frozen=True, slots=True)
class Course:
    """One course of action; the fields are those of `Decision`."""

    action: Action
    reasons: tuple[Reason, ...]
    decided_by: DecidedBy = DecidedBy.MODEL
    reply: Words | None = None
    queue: str | None = None
    priority: Priority | None = None
    effects: tuple[Effect, ...] = ()
    consent: ConsentChange | None = None


def effects_of(line: IntentPolicy) -> tuple[Effect, ...]:
    """Return what other systems must do for an intent that is sure."""
    effects = tuple(Effect(kind, {}) for kind in line.effects)
    return (suppress_contact(), *effects) if line.closes_consent else effects


def suppress_contact() -> Effect:
    """Return the effect that stops every further message to the contact."""
    return Effect("suppress_contact", {"scope": "all"})
