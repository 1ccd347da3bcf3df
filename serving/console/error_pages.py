"""What the console shows where something cannot be done, inside its frame.

Elsewhere errors stay the problems that callers of the API know.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from model.errors import StoreError
from serving.console.door import SESSION, door_of
from serving.console.guard import SIGN_IN, identify
from serving.console.shell import NotSignedIn, show, tell

CONSOLE = "/console"

Handler = Callable[[Request, Exception], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Said:
    """What an error page says: what is so, and what to do."""

    title: str
    text: str


_SAID = {
    HTTPStatus.FORBIDDEN: Said(
        "This is not for your role",
        "An admin can give you another role, or do this for you.",
    ),
    HTTPStatus.NOT_FOUND: Said(
        "Nothing is here",
        "The address may be mistyped, or what was here is gone.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: Said(
        "This page cannot be opened so", "Go to it by the links above."
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: Said(
        "This address says something that cannot be meant",
        "Go back, and choose again on the page that you came from.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Said(
        "The store does not answer",
        "Nothing was changed. Try again in a moment; replies that come in are kept.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: Said(
        "Something failed here",
        "It is in the service's log. Try again; tell who runs it if it stays so.",
    ),
}
_OTHER = Said("This cannot be done", "Go back and try it another way.")


def add_error_pages(app: FastAPI) -> None:
    """Make errors below /console pages; call it after all other handlers are added."""
    app.add_exception_handler(NotSignedIn, _to_the_door)
    for kind in (RequestValidationError, HTTPException, StoreError, Exception):
        elsewhere = cast("Handler", app.exception_handlers[kind])
        app.add_exception_handler(kind, _page_or(elsewhere))


def _page_or(elsewhere: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        path = request.url.path
        if path == CONSOLE or path.startswith(f"{CONSOLE}/"):
            return await _page(request, error)
        return await elsewhere(request, error)

    return handle


async def _page(request: Request, error: Exception) -> Response:
    status, said = _status(error), _said(error)
    if "hx-request" in request.headers:
        # The script of the frame shows it; the page stays as it is.
        return PlainTextResponse(f"{said.title}. {said.text}", status)
    if not hasattr(request.state, "viewer"):
        # No page is at this address, so the guard was not asked.
        request.state.viewer = None
        with suppress(StoreError):
            await identify(request)
    context = {"status": int(status), "said": said}
    return show(request, request.state.viewer, "error.html", context, status)


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, HTTPException):
        return HTTPStatus(error.status_code)
    if isinstance(error, RequestValidationError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, StoreError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _said(error: Exception) -> Said:
    status = _status(error)
    usual = _SAID.get(status, _OTHER)
    if isinstance(error, HTTPException) and error.detail != status.phrase:
        # A page of ours says it better.
        title = (
            "This was not accepted" if status is HTTPStatus.FORBIDDEN else usual.title
        )
        return Said(title, error.detail)
    return usual


async def _to_the_door(request: Request, _error: Exception) -> Response:
    reads = request.method in {"GET", "HEAD"}
    if "hx-request" in request.headers:
        came_from = urlsplit(request.headers.get("hx-current-url", "")).path
        headers = {"HX-Redirect": _door(came_from or CONSOLE)}
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers=headers)
    query = f"?{request.url.query}" if request.url.query else ""
    to = f"{request.url.path}{query}" if reads else CONSOLE
    answer = RedirectResponse(_door(to), HTTPStatus.SEE_OTHER)
    door = door_of(request)
    if door.cookie(request, SESSION):
        door.drop_cookie(answer, SESSION)
        tell(request, answer, "Your session is over. Sign in again.")
    return answer


def _door(to: str) -> str:
    return SIGN_IN if to == CONSOLE else f"{SIGN_IN}?next={quote(to, safe='/')}"
