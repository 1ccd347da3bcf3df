"""A limit on the size of request bodies, declared or streamed."""

from contextlib import suppress
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import problem

MAX_BODY = 4 * 1024 * 1024
"""Bytes: 1,000 texts of 1,600 characters, with room for escapes."""


class BodyTooLarge(Exception):  # noqa: N818 - the state is the name
    """More was streamed than the limit allows."""


class BodyLimit:
    """Refuses bodies over `MAX_BODY` before they are held in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > MAX_BODY:
            await self._refuse(scope, receive, send)
            return
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise BodyTooLarge
            return message

        async def unless_refused(message: Message) -> None:
            # FastAPI answers with 400 whatever fails while it reads a body.
            if seen <= MAX_BODY:
                await send(message)

        with suppress(BodyTooLarge):
            await self.app(scope, limited, unless_refused)
        if seen > MAX_BODY:
            await self._refuse(scope, receive, send)

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"The body may hold at most {MAX_BODY} bytes."
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        await problem("body-too-large", status, detail)(scope, receive, send)
