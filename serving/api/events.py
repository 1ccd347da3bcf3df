"""The calls by which other systems tell what they know of consent."""

from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends

from serving.access.caller import Caller
from serving.access.needs import needs
from serving.access.scope import Scope
from serving.api.replies import Running, problems
from serving.api.schemas_consent import (
    ConsentOut,
    ConsentRequest,
    ProviderEventIn,
    ProviderEventOut,
    ProviderEventsRequest,
    ProviderEventsResponse,
)
from serving.ledger.event import ConsentEvent, Kind, Source
from serving.programs.program import Program
from serving.programs.programs import Programs
from serving.providers.inbound import StatusEvent
from serving.recording.intake import canonical
from serving.reported.consent_given import Given, record_consent
from serving.reported.provider_codes import means_opt_out
from serving.reported.provider_reports import Desk, Report, Taken
from serving.reported.which_program import invalid, program_named

TOGETHER = 50
"""Events in one transaction: replies that come in meanwhile wait no longer."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a caller's clock may run ahead of ours."""

router = APIRouter(prefix="/v1", tags=["consent"])

Telling = Annotated[Caller, Depends(needs(Scope.EVENTS))]
_ERRORS = problems(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.post(
    "/provider-events",
    summary="Errors and receipts of a provider; opt-outs among them are recorded",
    responses=_ERRORS,
)
async def provider_events(
    body: ProviderEventsRequest, service: Running, caller: Telling
) -> ProviderEventsResponse:
    """Take in what a provider told the caller, for teams that send by themselves.

    What means an opt-out becomes a consent event with the source `provider`. The same
    news again changes nothing: after an error send the whole call again.
    """
    intake = service.intake
    reports = [
        _report(event, intake.setup.programs, place)
        for place, event in enumerate(body.events)
    ]
    for program_id in {report.program.program_id for report in reports}:
        caller.check(program=program_id)
    desk = Desk(intake.setup, caller.actor, intake.now, intake.new_id)
    taken: list[Taken] = []
    for start in range(0, len(reports), TOGETHER):
        part = reports[start : start + TOGETHER]
        taken += await service.write(partial(desk.take, reports=part))
    return ProviderEventsResponse(
        events=[
            ProviderEventOut(outcome=each.outcome, event_id=each.event_id)
            for each in taken
        ]
    )


@router.post(
    "/consent",
    summary="An opt-in or opt-out from a form, an e-mail, a call, an agent, a list",
    responses=_ERRORS,
)
async def consent(
    body: ConsentRequest, service: Running, caller: Telling
) -> ConsentOut:
    """Record what a person wants, with the evidence for it, under the caller's name.

    The answer tells how the person stands after it: an opt-in that is dated before an
    opt-out lifts nothing.
    """
    intake = service.intake
    program, sender = program_named(intake.setup.programs, body.program, body.sender)
    caller.check(program=program.program_id)
    moment = intake.now()
    if body.occurred_at > moment + CLOCKS_DIFFER:
        raise invalid(("occurred_at",), "expected a moment that has been")
    event = _event(body, program, sender, caller, moment)
    given: Given = await service.write(
        lambda connection: record_consent(
            connection,
            event,
            program,
            intake.setup,
            now=intake.now,
            new_id=intake.new_id,
        )
    )
    return ConsentOut(
        event_id=given.entry.event_id,
        recorded=given.recorded,
        marketing=given.consent.marketing.standing,
        transactional=given.consent.transactional.standing,
        deadline=given.entry.event.deadline,
    )


def _report(event: ProviderEventIn, programs: Programs, place: int) -> Report:
    program, sender = program_named(
        programs, event.program, event.sender, ("events", place)
    )
    opted_out = event.opted_out or means_opt_out(
        program.provider, event.code, event.status
    )
    status = StatusEvent(
        event_id=event.message_id or "",
        message_id=event.message_id or "",
        number=event.number,
        sender=sender if event.sender else None,
        status=(event.status or ("opted_out" if opted_out else "")).casefold(),
        error_code=event.code,
        opted_out=opted_out,
        at=event.at,
    )
    return Report(program, status)


def _event(
    body: ConsentRequest,
    program: Program,
    sender: str,
    caller: Caller,
    moment: datetime,
) -> ConsentEvent:
    version = body.disclosure_version
    if version is None and body.disclosure is not None:
        version = f"sha256:{sha256(body.disclosure.encode()).hexdigest()}"
    return ConsentEvent(
        number=canonical(body.number, program),
        brand=program.brand,
        program=program.program_id,
        kind=Kind(body.consent.value),
        scope=body.scope,
        source=Source(body.source.value),
        occurred_at=body.occurred_at,
        received_at=moment,
        actor=caller.actor,
        channel=body.channel,
        consent_type=body.consent_type,
        sender=sender if body.sender else None,
        text=body.text,
        language=body.language,
        disclosure=body.disclosure,
        disclosure_version=version,
        url=body.url,
        form_id=body.form_id,
        ip=body.ip,
        user_agent=body.user_agent,
        identity=body.identity,
        screenshot=body.screenshot,
        reason=body.reason,
    )
