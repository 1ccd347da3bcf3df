"""What the calls about consent take and give."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from serving.ledger.event import ConsentType, Scope
from serving.ledger.state import Standing
from serving.reported.provider_reports import OUTCOMES, Outcome
from serving.routing.decision import ConsentChange
from serving.schemas import Moment, Number, Text

MOST_EVENTS = 1_000
"""In one call."""

ProgramId = Annotated[str, Field(max_length=64)]
Word = Annotated[str, Field(min_length=1, max_length=128)]
Reference = Annotated[str, Field(min_length=1, max_length=2_048)]


class ProviderEventIn(BaseModel):
    """An error or a receipt of one message, in the provider's own code or word."""

    # Twilio's codes are numbers in its answers and text in its webhooks.
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    program: ProgramId | None = Field(
        None, description="Id of the program; or tell `sender`."
    )
    sender: Number | None = Field(None, description="Our number that sent.")
    number: Number = Field(description="The person's number.")
    code: Word | None = Field(
        None, description="The provider's code: `21610`, `40300`, `200`, `9`, `257`."
    )
    status: Word | None = Field(
        None, description="The provider's word: `undelivered`, `OPTED_OUT`."
    )
    opted_out: bool = Field(
        default=False,
        description="The provider blocks the number because the person opted out, "
        "whatever code and status say.",
    )
    message_id: Annotated[str, Field(min_length=1, max_length=512)] | None = Field(
        None, description="The provider's id of the message, where it gave one."
    )
    at: Moment | None = Field(
        None,
        description="When, by the provider's clock. Tell this or `message_id`, so that "
        "the same news is known when it comes again.",
    )


class ProviderEventsRequest(BaseModel):
    """What providers told, oldest first."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {
                            "program": "fernhill",
                            "number": "+12125550100",
                            "code": 21610,
                            "at": "2026-11-24T12:00:00Z",
                        }
                    ]
                }
            ]
        },
    )

    events: list[ProviderEventIn] = Field(min_length=1, max_length=MOST_EVENTS)


class ProviderEventOut(BaseModel):
    """What became of one event."""

    outcome: Outcome = Field(
        description="\n".join(f"- `{o}`: {OUTCOMES[o]}" for o in Outcome)
    )
    event_id: str | None = Field(
        description="The consent event that tells of it; null where none does."
    )


class ProviderEventsResponse(BaseModel):
    """One outcome for each event, in their order."""

    events: list[ProviderEventOut]


class GivenBy(StrEnum):
    """How a person's will reached the caller."""

    WEB = "web"
    EMAIL = "email"
    VOICE = "voice"
    AGENT = "agent"
    IMPORT = "import"


class ConsentRequest(BaseModel):
    """An opt-in or opt-out that came by another way than a reply, and its evidence."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "program": "fernhill",
                    "number": "+12125550100",
                    "consent": "opt_in",
                    "scope": "marketing",
                    "source": "web",
                    "occurred_at": "2026-11-24T12:00:00Z",
                    "consent_type": "express_written",
                    "disclosure": "By signing up you agree to…",
                    "url": "https://example.com/join",
                }
            ]
        },
    )

    program: ProgramId | None = Field(
        None, description="Id of the program; or tell `sender`."
    )
    sender: Number | None = Field(None, description="The program's sending number.")
    number: Number = Field(description="The person's number.")
    consent: ConsentChange
    scope: Scope = Field(description="Which messages it is about; never assumed.")
    source: GivenBy
    occurred_at: Moment = Field(
        description="When the person said so. Only an opt-in that is dated later lifts "
        "an opt-out, whatever comes first; the same consent of the same moment again "
        "is recorded once."
    )
    channel: str = Field("sms", min_length=1, max_length=32)
    consent_type: ConsentType | None = Field(
        None, description="How firmly an opt-in was given."
    )
    text: Text | None = Field(None, description="The person's exact words.")
    language: str | None = Field(None, pattern="^[a-z]{2}$")
    disclosure: Text | None = Field(
        None, description="The words under which an opt-in was given."
    )
    disclosure_version: Word | None = Field(
        None, description="Their version; their SHA-256 where left out."
    )
    url: Reference | None = Field(None, description="The page of the form.")
    form_id: Word | None = None
    ip: Annotated[str, Field(max_length=64)] | None = None
    user_agent: Annotated[str, Field(max_length=1_024)] | None = None
    identity: Reference | None = Field(
        None, description="Who the person said to be: a name, an e-mail address."
    )
    screenshot: Reference | None = Field(
        None, description="Where a picture of the form lies."
    )
    reason: Reference | None = Field(
        None, description="Why it was recorded by hand; an agent must tell."
    )

    @model_validator(mode="after")
    def _by_hand(self) -> Self:
        if self.source is GivenBy.AGENT and self.reason is None:
            raise ValueError("expected a `reason` for what an agent records by hand")
        return self


class ConsentOut(BaseModel):
    """The event in the ledger, and how the person stands with the program after it."""

    event_id: str
    recorded: bool = Field(description="False where it was in the ledger before.")
    marketing: Standing
    transactional: Standing
    deadline: date | None = Field(
        description="The last day on which an opt-out may be honoured; here it is "
        "honoured at once."
    )
