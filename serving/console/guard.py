"""The guard of the console: asked before every page, whoever wrote the page.

It says who looks, leads those who are not signed in to the door, and refuses whatever
changes something and was not meant by who is signed in.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

from fastapi import HTTPException, Request

from model.errors import StoreError
from serving.console.door import SESSION, VISITOR, door_of
from serving.console.forgery import FIELD, HEADER, form_token, from_here, meant
from serving.console.sessions import seen, session_of
from serving.console.shell import NotSignedIn, form_of
from serving.console.viewer import Viewer
from serving.service import Service
from serving.store.database import reading, writing

SIGN_IN = "/console/sign-in"
AWAY = f"{SIGN_IN}/provider"
BACK = f"{SIGN_IN}/return"
OPEN = frozenset({SIGN_IN, AWAY, BACK})
"""What those see who are not signed in."""

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_MEANT = (
    "This form is from an earlier visit, or from a page of another site. Go back, "
    "reload the page and send it again. Cookies must be allowed."
)


async def guard(request: Request) -> AsyncIterator[None]:
    """Let a request of the console through; what can wait does so meanwhile.

    Raises:
        NotSignedIn: nobody is signed in, and the page is not open.
        HTTPException: 403, it changes something and does not come from our own page.
    """
    service: Service = request.state.service
    with service.page_under_way():
        await identify(request)
        if request.state.viewer is None and request.url.path not in OPEN:
            raise NotSignedIn
        if request.method not in _READS and not await _meant(request):
            raise HTTPException(HTTPStatus.FORBIDDEN, _NOT_MEANT)
        yield


async def identify(request: Request) -> None:
    """Put who looks, and the token of their forms, into the state of a request.

    Raises:
        StoreError: the sessions cannot be read.
    """
    door = door_of(request)
    secret = door.cookie(request, SESSION)
    viewer: Viewer | None = None
    if secret:
        viewer = await asyncio.to_thread(_viewer, request.state.service, secret)
    if viewer is None:
        secret = door.cookie(request, VISITOR)
    request.state.viewer = viewer
    request.state.csrf = form_token(secret) if secret else ""


def _viewer(service: Service, secret: str) -> Viewer | None:
    moment = service.intake.now()
    with reading(service.engine) as connection:
        session = session_of(connection, secret, moment)
    if session is None:
        return None
    if session.unseen:
        # Where it cannot be noted now, the next page notes it.
        with suppress(StoreError), writing(service.engine) as connection:
            seen(connection, secret, moment)
    return session.viewer


async def _meant(request: Request) -> bool:
    expected: str = request.state.csrf
    if not expected or not from_here(request.headers):
        return False
    given = request.headers.get(HEADER) or (await form_of(request)).get(FIELD)
    return meant(expected, given)
