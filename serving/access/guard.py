"""The guard: asks the gate before anything of a request is read.

It stands before the routes, so that a call under /v1 whose author forgot to say what
it needs is closed all the same, and nobody without a key makes us parse a body.
"""

from http import HTTPStatus

# The routes are found by the same path; a rule of our own might differ from theirs.
from starlette._utils import get_route_path
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from model.errors import StoreError
from serving.access.caller import Caller
from serving.access.gate import Gate, Knock, needs_caller
from serving.access.refusal import Refusal


class Guard:
    """Lets in whom the `gate` of the lifespan's state admits, as `state["caller"]`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of someone who may call."""
        if scope["type"] == "http" and needs_caller(get_route_path(scope)):
            told = await knock(HTTPConnection(scope))
            if isinstance(told, Refusal):
                await told.response()(scope, receive, send)
                return
            scope["state"]["caller"] = told
        await self.app(scope, receive, send)


async def knock(request: HTTPConnection) -> Caller | Refusal:
    """Ask the gate about `request`; a store that cannot be read is a refusal too."""
    gate: Gate = request.state.gate
    address = request.client.host if request.client else ""
    try:
        return await gate.admit(Knock(request.headers.get("authorization"), address))
    except StoreError:
        return Refusal(
            "store-unavailable",
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The keys cannot be read now; nothing was recorded. Send it again.",
            {"Retry-After": "5"},
        )
