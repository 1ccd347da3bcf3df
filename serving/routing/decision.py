"""What the bundle says about one reply: the outputs of `decide()`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from model.prediction import Ranked


class Action(StrEnum):
    """What happens to the conversation."""

    REPLY = "reply"
    ASK = "ask"
    ESCALATE = "escalate"
    SILENT = "silent"


class DecidedBy(StrEnum):
    """What settled the decision."""

    KEYWORD = "keyword"
    MENU = "menu"
    MODEL = "model"
    GUARD = "guard"
    OWNER = "owner"


class ConsentChange(StrEnum):
    """What a reply did to the contact's consent."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


class Priority(StrEnum):
    """How soon a person should look, least urgent first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    def raised(self) -> "Priority":
        """Return the next more urgent priority; urgent stays urgent."""
        order = list(Priority)
        return order[min(order.index(self) + 1, len(order) - 1)]


class ReasonCode(StrEnum):
    """Why a decision is what it is. Stable: programs may branch on these."""

    EMPTY_TEXT = "empty_text"
    REACTION = "reaction"
    AUTO_REPLY = "auto_reply"
    ECHO = "echo"
    LOOP_LIMIT = "loop_limit"
    KEYWORD = "keyword"
    AMBIGUOUS_KEYWORD = "ambiguous_keyword"
    OPT_OUT_BY_MEANING = "opt_out_by_meaning"
    OPT_OUT_PRESUMED = "opt_out_presumed"
    OPT_OUT_UNSURE = "opt_out_unsure"
    OPT_OUT_ANSWER = "opt_out_answer"
    OPT_IN_NEEDS_KEYWORD = "opt_in_needs_keyword"
    CONSENT_CLOSED = "consent_closed"
    PERSON_OWNS = "person_owns"
    ABOVE_THRESHOLD = "above_threshold"
    BELOW_THRESHOLD = "below_threshold"
    NO_THRESHOLD = "no_threshold"
    OUT_OF_SCOPE = "out_of_scope"
    POLICY_ESCALATES = "policy_escalates"
    POLICY_SILENT = "policy_silent"
    NEGATIVE_SENTIMENT = "negative_sentiment"
    NO_OPEN_QUESTION = "no_open_question"
    ALSO_SAID = "also_said"
    PART_UNSURE = "part_unsure"
    MISSING_VARIABLE = "missing_variable"
    SAFE_VARIANT = "safe_variant"
    NO_WORDS_IN_LANGUAGE = "no_words_in_language"
    PROVIDER_ANSWERS = "provider_answers"
    SUPERSEDED = "superseded"
    WITHHELD = "withheld"


REASONS: Mapping[ReasonCode, str] = {
    ReasonCode.EMPTY_TEXT: "The reply holds no text; nothing is sent.",
    ReasonCode.REACTION: "A phone's reaction to our message (Liked “…”), not words.",
    ReasonCode.AUTO_REPLY: "A machine answered (driving mode, out of office).",
    ReasonCode.ECHO: "The reply repeats our own last message; answering would loop.",
    ReasonCode.LOOP_LIMIT: "The contact got the hourly limit of automatic replies.",
    ReasonCode.KEYWORD: "The message, or a clause of its own in it, is a keyword.",
    ReasonCode.AMBIGUOUS_KEYWORD: "The keyword opts out by rule, and may have meant "
    "an order or a visit; a person is told.",
    ReasonCode.OPT_OUT_BY_MEANING: "The words ask for the messages to stop.",
    ReasonCode.OPT_OUT_PRESUMED: "They probably do: stopped, with how to come back.",
    ReasonCode.OPT_OUT_UNSURE: "The words may ask for the messages to stop; we ask "
    "once, and a person looks where we have asked already.",
    ReasonCode.OPT_OUT_ANSWER: "The reply answers our question whether to stop.",
    ReasonCode.OPT_IN_NEEDS_KEYWORD: "Only a keyword lifts or opens consent.",
    ReasonCode.CONSENT_CLOSED: "The contact has opted out; no automatic words.",
    ReasonCode.PERSON_OWNS: "A person owns the conversation.",
    ReasonCode.ABOVE_THRESHOLD: "The confidence reaches the intent's threshold.",
    ReasonCode.BELOW_THRESHOLD: "The confidence is below the intent's threshold.",
    ReasonCode.NO_THRESHOLD: "The error limit cannot be promised for this intent.",
    ReasonCode.OUT_OF_SCOPE: "The reply is about nothing that the brand answers.",
    ReasonCode.POLICY_ESCALATES: "The policy sends this intent to a person.",
    ReasonCode.POLICY_SILENT: "The policy lets this intent rest: no answer expected.",
    ReasonCode.NEGATIVE_SENTIMENT: "The person is upset; priority raised.",
    ReasonCode.NO_OPEN_QUESTION: "The reply answers a question that is not known.",
    ReasonCode.ALSO_SAID: "The reply says more than one thing; `also` has the rest.",
    ReasonCode.PART_UNSURE: "A part of the reply is not sure; a person reads it.",
    ReasonCode.MISSING_VARIABLE: "The template needs a value that was not given.",
    ReasonCode.SAFE_VARIANT: "A value was missing; the variant without it is used.",
    ReasonCode.NO_WORDS_IN_LANGUAGE: "No approved words in the reply's language.",
    ReasonCode.PROVIDER_ANSWERS: "The provider or the network answers it; two answers "
    "would be one too many.",
    ReasonCode.SUPERSEDED: "A change of consent that is dated later stands already.",
    ReasonCode.WITHHELD: "The check before sending stopped the words.",
}
"""What each reason code means, for the API's description and for people."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for a decision; `detail` never holds the person's words."""

    code: ReasonCode
    detail: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words to send.

    Attributes:
        template: id and version, "order_status@1".
        text: the rendered template.
        segments: SMS parts it will be billed as, at least 1.
        encoding: "GSM-7" or "UCS-2".
    """

    template: str
    text: str
    segments: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that another system must do once."""

    type: str
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AlsoIntent:
    """A further intent that the reply carries.

    Attributes:
        intent: what else the person wants.
        confidence: probability (0 to 1) that it is right, of the clause that says it.
    """

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens with one reply.

    Attributes:
        intent: what the person wants; None where there was nothing to read.
        confidence: probability (0 to 1) that the intent is right; 1 for a rule.
        alternatives: the next likeliest intents; empty where a rule decided.
        sentiment: None where the model was not asked.
        sentiment_confidence: probability (0 to 1); None with the sentiment.
        language: ISO 639-1, or None where too little was said to tell.
        decided_by: what settled it.
        action: what happens.
        consent: what the reply changed, whatever the action.
        reply: the words to send; None where nothing is sent.
        queue: the people who take over; None unless escalated.
        priority: how soon; None unless escalated.
        effects: what other systems must do, in order.
        reasons: why, first the one that settled it; never empty.
        also: what else the reply says, in the order in which it should be handled.
    """

    intent: str | None
    confidence: float
    alternatives: tuple[Ranked, ...]
    sentiment: str | None
    sentiment_confidence: float | None
    language: str | None
    decided_by: DecidedBy
    action: Action
    consent: ConsentChange | None
    reply: Words | None
    queue: str | None
    priority: Priority | None
    effects: tuple[Effect, ...]
    reasons: tuple[Reason, ...]
    also: tuple[AlsoIntent, ...] = ()
