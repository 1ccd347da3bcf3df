"""What the HTTP calls take and give; the source of /openapi.json."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from serving.routing.decision import (
    REASONS,
    Action,
    ConsentChange,
    DecidedBy,
    Priority,
    ReasonCode,
)
from serving.routing.situation import Owner

_SEPARATORS = re.compile(r"[ ().-]")
_NUMBER = re.compile(r"\+?[0-9]{3,15}|[A-Za-z0-9]{1,11}")

MAX_TEXT = 10_000
"""Characters; providers deliver at most 1,600 (Twilio) to 2,000 (Sinch)."""

MAX_EXPLAINED = 20
"""Texts in one call; to explain one costs as much as to predict eight."""


def _number(value: str) -> str:
    bare = _SEPARATORS.sub("", value)
    if not _NUMBER.fullmatch(bare):
        raise ValueError("expected a phone number like +15550100, or a sender id")
    return bare


Number = Annotated[str, Field(min_length=1, max_length=32), AfterValidator(_number)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
# Nearer to the ends of the calendar a moment cannot be told in every zone.
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC)),
]


class Context(BaseModel):
    """What the platform knows and the service does not."""

    model_config = ConfigDict(extra="ignore")

    last_message: str | None = Field(
        None, max_length=MAX_TEXT, description="The brand's last message to the person."
    )
    owner: Owner = Field(
        Owner.AUTOMATIC, description="Who answers: `automatic`, or a `person`."
    )
    language: str | None = Field(
        None, pattern="^[a-z]{2}$", description="The contact's language, ISO 639-1."
    )
    variables: dict[str, str] = Field(
        default_factory=dict,
        max_length=50,
        description="Values for templates, `{'order_number': '1042'}`.",
    )


class RouteRequest(BaseModel):
    """One reply to decide about."""

    model_config = ConfigDict(
        extra="ignore",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "message_id": "SM001",
                    "from": "+15550100",
                    "to": "+15550199",
                    "text": "hey wheres my stuff its been 2 weeks",
                }
            ]
        },
    )

    message_id: str = Field(
        min_length=1,
        max_length=128,
        # A key of the store: PostgreSQL holds no NUL, and no id needs the others.
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*$",
        description="The platform's id; the same id again returns the same decision.",
    )
    number: Number = Field(alias="from", description="The person's number.")
    sender: Number = Field(alias="to", description="The number that was written to.")
    text: Text = Field(description="What was written; the first 1,600 count.")
    received_at: Moment | None = Field(
        None, description="When it came in, with a zone; now where it is left out."
    )
    channel: str = Field("sms", min_length=1, max_length=32)
    context: Context = Field(default_factory=Context)

    def moment(self, now: datetime) -> datetime:
        """Return when the reply came in, in UTC."""
        return (self.received_at or now).astimezone(UTC)


class ClassifyRequest(BaseModel):
    """Texts to read; nothing is recorded."""

    model_config = ConfigDict(
        extra="ignore", json_schema_extra={"examples": [{"texts": ["where is it??"]}]}
    )

    texts: list[Text] = Field(min_length=1, max_length=1000)


class AlternativeOut(BaseModel):
    """A less likely intent."""

    intent: str
    probability: float = Field(ge=0, le=1)


class AlsoOut(BaseModel):
    """A further intent that the reply carries."""

    intent: str
    confidence: float = Field(
        ge=0, le=1, description="Probability that it is right, of the clause alone."
    )


class PredictionOut(BaseModel):
    """What the classifier reads in one text."""

    intent: str
    confidence: float = Field(
        ge=0,
        le=1,
        description="Probability that the intent is right, replies from outside the "
        "label set counted as wrong.",
    )
    alternatives: list[AlternativeOut]
    sentiment: str
    sentiment_confidence: float = Field(ge=0, le=1)


class ClassifyResponse(BaseModel):
    """One prediction for each text, in their order."""

    bundle: str
    predictions: "list[ExplainedPredictionOut | PredictionOut]"


class WordsOut(BaseModel):
    """The words to send."""

    template: str = Field(description="Id and version, `order_status@1`.")
    text: str
    segments: int = Field(ge=1, description="SMS parts it will be billed as.")
    encoding: str = Field(description="`GSM-7` or `UCS-2`.")
    not_before: datetime | None = Field(
        default=None,
        description="From when they may go out; later than now in quiet hours.",
    )


class EffectOut(BaseModel):
    """Something another system must do once; the id is its idempotency key."""

    type: str
    id: str
    payload: dict[str, object]


class ReasonOut(BaseModel):
    """One ground for the decision."""

    code: ReasonCode = Field(
        description="\n".join(f"- `{code}`: {REASONS[code]}" for code in ReasonCode)
    )
    detail: str


class DecisionOut(BaseModel):
    """What happens with one reply."""

    decision_id: str
    message_id: str
    conversation_id: str
    bundle: str = Field(description="Identity of the bundle that decided.")
    intent: str | None = Field(description="Null where there was nothing to read.")
    confidence: float = Field(ge=0, le=1)
    alternatives: list[AlternativeOut] = Field(
        description="What else the intent may have been."
    )
    sentiment: str | None = Field(description="Null where a rule decided.")
    sentiment_confidence: float | None = Field(ge=0, le=1)
    language: str | None
    decided_by: DecidedBy
    action: Action
    consent: ConsentChange | None = Field(description="What this reply changed.")
    reply: WordsOut | None
    queue: str | None
    priority: Priority | None
    effects: list[EffectOut]
    reasons: list[ReasonOut] = Field(min_length=1)
    also: list[AlsoOut] = Field(
        default_factory=list,
        description="What else the reply says, in the order in which it should be "
        "handled; empty in decisions recorded before there was any.",
    )


class WordOut(BaseModel):
    """What a word of the reply, or a row of words in a long one, carried."""

    word: str
    start: int = Field(ge=0, description="First character in the text as it was sent.")
    end: int = Field(ge=0, description="Behind its last character.")
    weight: float = Field(
        description="By how much the log-odds of the intent fall when it is left out; "
        "negative where it spoke against the intent. Approximate."
    )


class NeighbourOut(BaseModel):
    """A labelled reply near this one."""

    id: str = Field(description="As in the labelled file; file and row without one.")
    text: str = Field(description="Cut to 160 characters.")
    intent: str
    similarity: float = Field(description="Cosine of compact embeddings, -1 to 1.")


class SignalOut(BaseModel):
    """Something that moved the confidence."""

    name: str
    effect: float = Field(
        description="Added to the log-odds of its chance (inside the label set, or "
        "right there: the confidence is their product), against a typical reply that "
        "is read right; negative where it lowered the confidence."
    )
    says: str


class ExplanationOut(BaseModel):
    """Why a reply was read as it was; computed when asked for, never recorded."""

    intent: str | None = Field(description="What the words are weighed for.")
    confidence: float = Field(
        ge=0, le=1, description="Of the reply as a whole, by the bundle in use."
    )
    rule: ReasonOut | None = Field(
        description="The keyword or guard that decided; then nothing was weighed."
    )
    words: list[WordOut]
    neighbours: list[NeighbourOut] = Field(description="Nearest first, at most five.")
    signals: list[SignalOut] = Field(description="What lowered the confidence first.")


class ExplainedPredictionOut(PredictionOut):
    """A prediction, and why."""

    explanation: ExplanationOut


class ExplainedDecisionOut(DecisionOut):
    """A decision, and why."""

    explanation: ExplanationOut
