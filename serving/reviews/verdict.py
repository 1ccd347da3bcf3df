"""What a reviewer can find of a decision."""

from enum import StrEnum


class Verdict(StrEnum):
    """The finding of one review; each decision gets one, the gravest that fits."""

    RIGHT = "right"
    WRONG_INTENT = "wrong_intent"
    SHOULD_ESCALATE = "should_escalate"
    NEEDLESS_ESCALATION = "needless_escalation"
    WRONG_QUEUE = "wrong_queue"
    WRONG_WORDS = "wrong_words"
    MISSED_OPT_OUT = "missed_opt_out"
    FALSE_OPT_OUT = "false_opt_out"


MEANINGS = {
    Verdict.RIGHT: "What was done is what should have been done.",
    Verdict.WRONG_INTENT: "The person wanted something else.",
    Verdict.SHOULD_ESCALATE: "It was not given to a person, and should have been.",
    Verdict.NEEDLESS_ESCALATION: "It was given to a person without need.",
    Verdict.WRONG_QUEUE: "It was rightly given to a person, but in the wrong queue.",
    Verdict.WRONG_WORDS: "The intent is right, the words that went out are not.",
    Verdict.MISSED_OPT_OUT: "The person wanted no more messages; nothing was stopped.",
    Verdict.FALSE_OPT_OUT: "The contact was opted out, and had not asked for that.",
}
"""What each verdict says, for people."""


class ReviewKind(StrEnum):
    """How a review came about; a reviewer's own picks never enter an estimate."""

    DRAWN = "drawn"
    PICKED = "picked"
    ADJUDICATED = "adjudicated"
