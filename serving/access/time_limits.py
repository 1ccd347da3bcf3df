"""Limits on the time that a request may take."""

import asyncio
from contextlib import suppress
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import problem


class BodyTooSlow(Exception):  # noqa: N818 - the state is the name
    """The body did not arrive in the time that it has."""


class TimeLimits:
    """Ends requests whose body does not arrive, or whose answer does not begin.

    Once an answer has begun it may take its time: a stream is left alone. What waits in
    a thread is not stopped, only no longer waited for.
    """

    def __init__(
        self, app: ASGIApp, *, body_seconds: float, request_seconds: float
    ) -> None:
        self.app = app
        self.body_seconds = body_seconds
        self.request_seconds = request_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within its time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(receive, self.body_seconds)
        begun = False
        whole = asyncio.timeout(self.request_seconds)

        async def in_time(message: Message) -> None:
            nonlocal begun
            # FastAPI answers with 400 whatever fails while it reads a body; and what
            # is being stopped has nothing to say any more.
            if not begun and (body.late or whole.expired()):
                return
            if not begun:
                begun = True
                whole.reschedule(None)
            await send(message)

        try:
            async with whole:
                with suppress(BodyTooSlow):
                    await self.app(scope, body.receive, in_time)
        except TimeoutError:
            if not whole.expired():
                raise
        if begun:
            return
        if body.late:
            await self._too_slow(scope, receive, send)
        elif whole.expired():
            await self._took_too_long(scope, receive, send)

    async def _too_slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = HTTPStatus.REQUEST_TIMEOUT
        detail = f"The body must arrive within {self.body_seconds:g} s; send it again."
        headers = {"Connection": "close"}
        answer = problem("body-too-slow", status, detail, headers=headers)
        await answer(scope, receive, send)

    async def _took_too_long(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        detail = (
            f"No answer within {self.request_seconds:g} s. It may have been recorded "
            "all the same; sent again under the same id it is not recorded twice."
        )
        headers = {"Retry-After": "5"}
        answer = problem("took-too-long", status, detail, headers=headers)
        await answer(scope, receive, send)


class _Body:
    """A request's body as it arrives; the time runs from the first look at it."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._due: float | None = None
        self._whole = False
        self.late = False

    async def receive(self) -> Message:
        """Return the next part; BodyTooSlow when its time is over."""
        if self._whole:  # What is waited for now is the caller's leaving.
            return await self._receive()
        if self._due is None:
            self._due = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._due):
                message = await self._receive()
        except TimeoutError:
            self.late = True
            raise BodyTooSlow from None
        self._whole = not message.get("more_body", False)
        return message
