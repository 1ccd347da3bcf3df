"""The verdicts as buttons and keys, one key each."""

from dataclasses import dataclass

from serving.reviews.verdict import MEANINGS, Verdict


@dataclass(frozen=True, slots=True)
class Mark:
    """A verdict as the page offers it.

    Attributes:
        verdict: what it records.
        label: what the button says.
        key: the letter that gives it; so does its place in the list, as a digit.
        shown: how the key is told on the button.
    """

    verdict: Verdict
    label: str
    key: str
    shown: str

    @property
    def digit(self) -> str:
        """The other key that gives it."""
        return str(list(Verdict).index(self.verdict) + 1)

    @property
    def meaning(self) -> str:
        """What the verdict says, for people."""
        return MEANINGS[self.verdict]


MARKS = (
    Mark(Verdict.RIGHT, "Right", " ", "Space"),
    Mark(Verdict.WRONG_INTENT, "Wrong intent", "w", "w"),
    Mark(Verdict.SHOULD_ESCALATE, "Should have escalated", "e", "e"),
    Mark(Verdict.NEEDLESS_ESCALATION, "Needn't have escalated", "d", "d"),
    Mark(Verdict.WRONG_QUEUE, "Wrong queue", "q", "q"),
    Mark(Verdict.WRONG_WORDS, "Wrong words", "t", "t"),
    Mark(Verdict.MISSED_OPT_OUT, "Missed opt-out", "m", "m"),
    Mark(Verdict.FALSE_OPT_OUT, "False opt-out", "f", "f"),
)
"""In the order of the buttons, which is that of the verdicts."""

LABELS = {mark.verdict: mark.label for mark in MARKS}
