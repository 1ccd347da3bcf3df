"""May we send? The call that campaigns and agents ask before they do."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from serving.access.caller import Caller
from serving.access.needs import needs
from serving.access.scope import Scope
from serving.api.checked_sends import Recipient, Sending, check_sends
from serving.api.replies import Running, problems
from serving.programs.program import Program
from serving.recording.intake import canonical
from serving.reported.which_program import program_named
from serving.routing.situation import Owner
from serving.schemas import Number
from serving.sending.facts import ComplianceReply, MessageClass, Sent
from serving.sending.place import KnownPlace
from serving.sending.verdict import SEND_REASONS, SendReasonCode, Verdict
from serving.service import Service
from serving.store.database import reading

MOST_CONTACTS = 1_000
"""In one call; a campaign asks in parts, shortly before it sends each."""

router = APIRouter(prefix="/v1", tags=["sending"])

Asking = Annotated[Caller, Depends(needs(Scope.SENDS))]
# Holidays and rules of zones are known for these years.
SendMoment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC)),
]


class SentIn(BaseModel):
    """A message that went out past this service."""

    at: SendMoment
    message_class: MessageClass = MessageClass.MARKETING


class ContactIn(BaseModel):
    """One contact, and what the caller knows of it."""

    number: Number
    zone: str | None = Field(None, max_length=64, description="IANA, `America/Boise`.")
    state: str | None = Field(
        None, max_length=32, description="Of the United States, two letters."
    )
    postcode: str | None = Field(None, max_length=16, description="A ZIP code.")
    sent: list[SentIn] = Field(
        default_factory=list,
        max_length=500,
        description="What this program sent to the contact past this service; what the "
        "service let out itself it knows.",
    )
    owner: Owner = Field(
        Owner.AUTOMATIC,
        description="Who answers in the conversation: `automatic`, or a `person`.",
    )


class SendsRequest(BaseModel):
    """One message to one contact or to many."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "program": "fernhill",
                    "message_class": "marketing",
                    "contacts": [{"number": "+12125550100", "state": "NY"}],
                }
            ]
        },
    )

    program: str | None = Field(
        None, max_length=64, description="Id of the program; or tell `sender`."
    )
    sender: Number | None = Field(
        None, description="The sending number; the program's first where left out."
    )
    message_class: MessageClass = Field(
        description="`compliance`: a reply that the law asks for. `answer`: to what "
        "the person wrote. `transactional`: about their order or account, unasked. "
        "`marketing`: everything that sells."
    )
    reply: ComplianceReply | None = Field(
        None, description="Which of the law's replies; for `compliance` and no other."
    )
    at: SendMoment | None = Field(
        None, description="When it would go out; now where left out."
    )
    by_owner: bool = Field(
        default=False,
        description="The person who owns the conversation sends it by hand.",
    )
    contacts: list[ContactIn] = Field(min_length=1, max_length=MOST_CONTACTS)

    @model_validator(mode="after")
    def _law(self) -> Self:
        compliance = self.message_class is MessageClass.COMPLIANCE
        if compliance != (self.reply is not None):
            raise ValueError("expected `reply` for a compliance message and no other")
        return self


class SendReasonOut(BaseModel):
    """One ground; where it may not go out, every ground against it is told."""

    code: SendReasonCode = Field(
        description="\n".join(f"- `{c}`: {SEND_REASONS[c]}" for c in SendReasonCode)
    )
    detail: str


class SendVerdictOut(BaseModel):
    """Whether the message may go out to one contact."""

    allowed: bool = Field(description="At the moment that was asked about.")
    from_when: datetime | None = Field(
        description="The first moment at which it may go out if nothing else happens; "
        "null where no waiting will make it allowed."
    )
    until: datetime | None = Field(
        description="The first moment after `from_when` at which it may not any more; "
        "null where time alone does not end it."
    )
    reasons: list[SendReasonOut] = Field(min_length=1)
    covered_by: str | None = Field(
        description="The consent event that covers it, to be kept with the message; "
        "null where none is needed or none does."
    )


class SendsResponse(BaseModel):
    """One verdict for each contact, in their order."""

    program: str
    sender: str
    at: datetime
    verdicts: list[SendVerdictOut]


@router.post(
    "/sends/check",
    summary="May we send this, when, and by which consent",
    responses=problems(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)
async def check(body: SendsRequest, service: Running, caller: Asking) -> SendsResponse:
    """Say for 1 to 1,000 contacts whether a message may go out: nothing is recorded.

    Consent as the ledger has it, quiet hours wherever the contact can be, frequency
    caps, and whether a person owns the conversation. A yes holds for the moment; ask
    shortly before sending.
    """
    setup = service.intake.setup
    program, sender = program_named(setup.programs, body.program, body.sender)
    caller.check(program=program.program_id)
    sending = Sending(
        program=program,
        sender=sender,
        message_class=body.message_class,
        reply=body.reply,
        moment=body.at or service.intake.now(),
        by_owner=body.by_owner,
    )
    recipients = [_recipient(contact, program) for contact in body.contacts]
    verdicts = await asyncio.to_thread(_checked, service, recipients, sending)
    return SendsResponse(
        program=program.program_id,
        sender=sender,
        at=sending.moment.astimezone(UTC),
        verdicts=[_out(verdict) for verdict in verdicts],
    )


def _checked(
    service: Service, recipients: list[Recipient], sending: Sending
) -> list[Verdict]:
    with reading(service.engine) as connection:
        return check_sends(connection, recipients, sending, service.intake.setup)


def _recipient(contact: ContactIn, program: Program) -> Recipient:
    return Recipient(
        number=canonical(contact.number, program),
        place=KnownPlace(contact.zone, contact.state, contact.postcode),
        sent=tuple(Sent(sent.at, sent.message_class) for sent in contact.sent),
        person_owns=contact.owner is Owner.PERSON,
    )


def _out(verdict: Verdict) -> SendVerdictOut:
    return SendVerdictOut(
        allowed=verdict.allowed,
        from_when=verdict.from_when,
        until=verdict.until,
        reasons=[SendReasonOut(code=r.code, detail=r.detail) for r in verdict.reasons],
        covered_by=verdict.covered_by,
    )
