"""A decision that flips, as the report and the files show it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from serving.routing.flips import Flip, FlipKind, Outcome


@dataclass(frozen=True, slots=True)
class Side:
    """A decision before or after.

    Attributes:
        outcome: what counts of it.
        confidence: that the intent is right (0 to 1).
        reasons: why, "code: detail", first the one that settled it.
    """

    outcome: Outcome
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlipRow:
    """One decision that comes out otherwise.

    Attributes:
        kind: the gravest difference.
        change: what changes, the same words for what changes alike.
        cost: what it costs if the new decision is the wrong one, in the policy's
            currency.
        decision_id: of the record.
        recorded_at: when the old decision was recorded, ISO 8601, in UTC.
        program: the id of the program that was written to.
        text: the person's words.
        before: what happened.
        after: what would happen.
    """

    kind: FlipKind
    change: str
    cost: float
    decision_id: str
    recorded_at: str
    program: str
    text: str
    before: Side
    after: Side

    def to_body(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return asdict(self)


def from_body(body: Mapping[str, Any]) -> FlipRow:
    """Read what `to_body` gave."""
    sides = {name: _side(body[name]) for name in ("before", "after")}
    return FlipRow(**{**body, "kind": FlipKind(body["kind"]), **sides})


def side_of(outcome: Outcome, decision: Mapping[str, Any]) -> Side:
    """Return one side of a flip; `decision` is in the shape of the contract."""
    reasons = tuple(f"{r['code']}: {r['detail']}" for r in decision["reasons"])
    return Side(outcome, decision["confidence"], reasons)


def change_of(flip: Flip) -> str:
    """Return what a flip changes, in the words of its kind."""
    was, becomes = (_in_its_kind(flip.kind, o) for o in (flip.before, flip.after))
    return f"{was} → {becomes}" if was != becomes else f"{was}, other words"


def _in_its_kind(kind: FlipKind, outcome: Outcome) -> str:
    told = {
        FlipKind.OPT_OUT: outcome.consent,
        FlipKind.ACTION: outcome.action,
        FlipKind.WORDS: outcome.template,
        FlipKind.QUEUE: f"{outcome.queue} ({outcome.priority})",
        FlipKind.EFFECTS: ", ".join(outcome.effects),
        FlipKind.INTENT: outcome.intent,
    }
    return told[kind] or "nothing"


def _side(body: Mapping[str, Any]) -> Side:
    outcome = {**body["outcome"], "effects": tuple(body["outcome"]["effects"])}
    return Side(Outcome(**outcome), body["confidence"], tuple(body["reasons"]))
