"""The call that providers' webhooks point at."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from serving.api.replies import problems
from serving.edge.edge import Door, Edge
from serving.problems import problem
from serving.providers.webhook import RefusalCode, Refused, Webhook

router = APIRouter(prefix="/v1", tags=["providers"])

_STATUS = {
    RefusalCode.MALFORMED: HTTPStatus.BAD_REQUEST,
    RefusalCode.UNSUPPORTED: HTTPStatus.BAD_REQUEST,
    RefusalCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


async def the_edge(request: Request) -> Edge:
    """Return the edge of the running service."""
    edge: Edge = request.state.edge
    return edge


_CALL: dict[str, Any] = {
    "summary": "A provider's webhook, in the provider's own shape",
    "status_code": HTTPStatus.OK,
    "response_class": Response,
    "responses": {
        200: {
            "description": "On record. Words to send, where the provider takes them "
            "from the answer (TwiML, Plivo XML), or nothing."
        },
        204: {"description": "On record; this provider takes no words from an answer."},
        **problems(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    },
}
"""What FastAPI is told of both methods; it types it with Any."""


@router.get("/inbound/{program}", operation_id="inbound_by_get", **_CALL)
@router.post("/inbound/{program}", operation_id="inbound", **_CALL)
async def inbound(
    program: str, request: Request, edge: Annotated[Edge, Depends(the_edge)]
) -> Response:
    """Take in what a provider brings to a program: replies, receipts, confirmations.

    What it signs is proven first, over the raw bytes and the program's public address.
    Then it is recorded; only then is it acknowledged. The same message again, in any
    order, under a new id too, changes nothing.
    """
    door = edge.doors.get(program)
    if door is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    body = await request.body()
    webhook = Webhook.from_pairs(
        request.method, _public(door, request), request.headers.items(), body
    )
    try:
        answer = await edge.receive(program, webhook)
    except Refused as refused:
        return _refusal(refused)
    return Response(answer.body, answer.status, media_type=answer.content_type)


def _public(door: Door, request: Request) -> str:
    """Return the address as the provider called it, whatever proxies call this one."""
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return f"{door.program.public_url}{path}" + (f"?{query}" if query else "")


def _refusal(refused: Refused) -> Response:
    status = _STATUS.get(refused.code, HTTPStatus.FORBIDDEN)
    headers = {"Retry-After": "5"} if refused.retryable else None
    # A forger learns no more than that it did not work.
    detail = {
        HTTPStatus.FORBIDDEN: "The webhook is not proven to be the provider's.",
        HTTPStatus.BAD_REQUEST: "The webhook is not as the provider sends it.",
    }.get(status, "The webhook cannot be proven now; send it again.")
    return problem(f"webhook-{refused.code.value}", status, detail, headers=headers)
