"""The call by which the team's inbox tells that a person took or closed something."""

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends

from serving.access.caller import Caller
from serving.access.needs import needs
from serving.access.scope import Scope
from serving.api.events import CLOCKS_DIFFER
from serving.api.replies import Running, problems
from serving.api.schemas_handoffs import HandoffOut, HandoffRequest
from serving.figures.handoffs import Handoff, Noted, conversation_of, note
from serving.reported.which_program import invalid
from serving.service import Service
from serving.store.database import reading

router = APIRouter(prefix="/v1", tags=["operate"])

Telling = Annotated[Caller, Depends(needs(Scope.HANDOFFS))]


@router.post(
    "/handoffs",
    summary="A person took a conversation that was handed over, or closed it",
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
async def handoffs(
    body: HandoffRequest, service: Running, caller: Telling
) -> HandoffOut:
    """Record what a person did, so that the console knows who still waits.

    How the next reply is routed does not change: whoever asks for a decision says in
    `context.owner` who answers, and a reply that a person owns ends the wait as well.
    """
    conversation, program = await asyncio.to_thread(_meant, service, body)
    caller.check(program=program)
    if body.at > service.intake.now() + CLOCKS_DIFFER:
        raise invalid(("at",), "expected a moment that has been")
    handoff = Handoff(conversation, body.event, body.at, caller.actor)
    noted: Noted = await service.write(partial(note, handoff=handoff))
    return HandoffOut(
        conversation_id=conversation,
        recorded=noted.new,
        waiting_since=noted.waiting_since,
    )


def _meant(service: Service, body: HandoffRequest) -> tuple[str, str]:
    with reading(service.engine) as connection:
        found = conversation_of(
            connection, decision=body.decision_id, conversation=body.conversation_id
        )
    if found is None:
        field = "conversation_id" if body.decision_id is None else "decision_id"
        raise invalid((field,), "expected an id that a decision of ours has")
    return found
