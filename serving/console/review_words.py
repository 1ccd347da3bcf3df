"""What a decision says, in words that need no manual."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from serving.console.review_keys import LABELS
from serving.reviews.finding import Finding
from serving.routing.decision import (
    REASONS,
    Action,
    ConsentChange,
    DecidedBy,
    ReasonCode,
)
from serving.schemas import DecisionOut

_DONE = {
    Action.REPLY: "answered automatically",
    Action.ASK: "asked back",
    Action.ESCALATE: "given to a person",
    Action.SILENT: "nothing sent",
}
_BY = {
    DecidedBy.KEYWORD: "a keyword",
    DecidedBy.MENU: "a menu",
    DecidedBy.MODEL: "the model",
    DecidedBy.GUARD: "a guard",
    DecidedBy.OWNER: "the owner: a person has the conversation",
}
_CONSENT = {
    ConsentChange.OPT_OUT: "opted out",
    ConsentChange.OPT_IN: "opted in",
}
_REASONS = {ReasonCode.ALSO_SAID: "The reply says more than one thing."}
_THRESHOLD = re.compile(r"(?:<|>=) ([01](?:\.\d+)?) for ")
_COMPARED = {ReasonCode.ABOVE_THRESHOLD, ReasonCode.BELOW_THRESHOLD}


def plain(name: str) -> str:
    """Return an id of an intent or a queue as people read it."""
    return name.replace("_", " ")


def done_in_words(decision: DecisionOut) -> str:
    """Return what was done about a reply, a few words."""
    parts = [_DONE[decision.action]]
    if decision.queue:
        parts = [f"{parts[0]}: {plain(decision.queue)}"]
    if decision.consent:
        parts.insert(0, _CONSENT[decision.consent])
    return ", ".join(parts)


def decided_by_in_words(decision: DecisionOut) -> str:
    """Return what settled a decision."""
    return _BY[decision.decided_by]


def reason_in_words(code: ReasonCode) -> str:
    """Return what a reason says, for somebody who sees the decision beside it."""
    return _REASONS.get(code, REASONS[code])


def threshold_of(decision: DecisionOut) -> float | None:
    """Return the confidence (0 to 1) that was asked for, as the reasons have it.

    None where none was: a rule decided, or the policy never answers the intent.
    """
    for reason in decision.reasons:
        found = _THRESHOLD.search(reason.detail) if reason.code in _COMPARED else None
        if found:
            return float(found[1])
    return None


def finding_in_words(finding: Finding) -> str:
    """Return what a reviewer found, with what they named in its place."""
    label = LABELS[finding.verdict]
    named = finding.intent or finding.queue
    return f"{label}: {plain(named)}" if named else label


@dataclass(frozen=True, slots=True)
class When:
    """Tells moments in one zone, seen from one day.

    Attributes:
        zone: where the reader is.
        now: the present moment, aware.
    """

    zone: ZoneInfo
    now: datetime

    def __call__(self, moment: datetime) -> str:
        """Return the time; the day before it where that is not today."""
        there = moment.astimezone(self.zone)
        today = self.now.astimezone(self.zone)
        if there.date() == today.date():
            return f"{there:%H:%M}"
        year = "" if there.year == today.year else f" {there.year}"
        return f"{there.day} {there:%b}{year}, {there:%H:%M}"
