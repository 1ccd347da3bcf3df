"""What the reviews of a decision teach: its label, and whether it opts out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from serving.labels.effective import effective
from serving.labels.nameless import Nameless
from serving.labels.reviewed import Decided, Reviewed
from serving.reviews.finding import Finding
from serving.reviews.verdict import Verdict

KNOWN_RIGHT = frozenset({Verdict.RIGHT, Verdict.WRONG_WORDS})
"""Verdicts that say of the decided intent that it is right."""

NONE = "none"
"""What a behaviour case expects of a field that must hold nothing."""


class LeftOut(StrEnum):
    """Why a reviewed decision teaches nothing."""

    DISPUTED = "reviewers differ, and nobody decided between them"
    ERASED = "the words were erased"
    UNTOLD = "no intent is known to be right"
    CONTRADICTED = "the same words were labelled otherwise"
    RIGHT = "decided rightly; --include-right takes them as well"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One reviewed reply.

    Attributes:
        decision_id: of the decision.
        text: what was said, redacted.
        replaced: what was redacted, in the order of the text ("name phone").
        intent: what the person wants; None where no review says it.
        asks: whether they ask for the messages to stop; None where no review says it.
        confirmed: fields of the decision that were found right, as a behaviour case
            expects them; empty where something was wrong.
        finding: what was found.
        language: ISO 639-1; None where too little was said to tell.
        program: whose reply it was.
        group: replies of one group are never split between training and scoring.
        reviewer: the name of whoever's review counts.
        reviewed_at: when they said so, in UTC.
        probability: of being drawn for review; None where it was picked.
    """

    decision_id: str
    text: str = field(repr=False)
    replaced: str
    intent: str | None
    asks: bool | None
    confirmed: Mapping[str, str]
    finding: Finding
    language: str | None
    program: str
    group: str
    reviewer: str
    reviewed_at: datetime
    probability: float | None

    @property
    def right(self) -> bool:
        """Whether the intent that was decided is right."""
        return self.finding.verdict in KNOWN_RIGHT


def lesson_of(found: Reviewed, nameless: Nameless) -> Lesson | LeftOut:
    """Return what the reviews of a decision teach, or why they teach nothing."""
    decided = found.decided
    counts = effective(found.reviews)
    if counts is None:
        return LeftOut.DISPUTED
    if not decided.text.strip():
        return LeftOut.ERASED
    finding = counts.finding
    redacted = nameless.of(decided.text, decided.program, decided.variables)
    return Lesson(
        decision_id=decided.decision_id,
        text=redacted.text,
        replaced=" ".join(redacted.kinds),
        intent=_intent(finding, decided.intent),
        asks=_ASKS.get(finding.verdict),
        confirmed=_confirmed(finding, decided),
        finding=finding,
        language=decided.language,
        program=decided.program,
        group=decided.conversation_id,
        reviewer=found.names[counts.user_id],
        reviewed_at=counts.reviewed_at,
        probability=found.probability,
    )


def _intent(finding: Finding, decided: str | None) -> str | None:
    """Return the intent that is known to be right."""
    return decided if finding.verdict in KNOWN_RIGHT else finding.intent


def _confirmed(finding: Finding, decided: Decided) -> Mapping[str, str]:
    """Return what a review that found the decision right says of it."""
    if finding.verdict not in KNOWN_RIGHT:
        return {}
    said = {"intent": decided.intent, "consent": decided.consent}
    # Where a person had the conversation, nobody said who else should have got it.
    if not decided.owned:
        said |= {"action": decided.action, "queue": decided.queue}
    return {field: value or NONE for field, value in said.items()}


_ASKS: Mapping[Verdict, bool] = {
    Verdict.MISSED_OPT_OUT: True,
    Verdict.FALSE_OPT_OUT: False,
}
