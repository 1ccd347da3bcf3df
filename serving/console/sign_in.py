"""Signing in by name and password, and signing out."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from serving.api.replies import Running
from serving.console.by import By
from serving.console.console_pages import pages_of
from serving.console.door import SESSION, VISITOR, door_of
from serving.console.forgery import form_token
from serving.console.passwords import fits, hashed, outdated
from serving.console.sessions import LONGEST, begin, end, new_token
from serving.console.shell import SignedIn, form_of, show, tell
from serving.console.users import User, anybody, by_name, folded, keep_password
from serving.console.viewer import Viewer
from serving.service import Service
from serving.store.database import reading, writing

router = APIRouter(prefix="/console", include_in_schema=False)

HOME = "/console"
_WRONG = "Name or password is wrong. Both are as an admin gave them to you."
_VISIT_SECONDS = 24 * 3600


@router.get("")
async def home(viewer: SignedIn) -> Response:
    """Lead to the first page of who looks."""
    return RedirectResponse(pages_of(viewer)[0].path, HTTPStatus.SEE_OTHER)


@router.get("/sign-in")
async def door_page(
    request: Request,
    service: Running,
    to: Annotated[str, Query(alias="next")] = HOME,
) -> Response:
    """Show the form, or how to make the first user."""
    if request.state.viewer is not None:
        return RedirectResponse(inside(to), HTTPStatus.SEE_OTHER)
    return await _form(request, service, {"next": inside(to)})


@router.post("/sign-in")
async def sign_in(request: Request, service: Running) -> Response:
    """Sign somebody in."""
    form = await form_of(request)
    name, to = folded(form.get("name", "")), inside(form.get("next", HOME))
    door, filled = door_of(request), {"next": to, "name": name}
    if wait := door.attempts.wait(name, address_of(request)):
        status = HTTPStatus.TOO_MANY_REQUESTS
        filled["problem"] = _too_many(wait)
        answer = await _form(request, service, filled, status)
        answer.headers["Retry-After"] = str(wait)
        return answer
    async with door.trying:
        password = form.get("password", "")
        user = await asyncio.to_thread(_proven, service, name, password)
    if user is None:
        filled["problem"] = _WRONG
        return await _form(request, service, filled, HTTPStatus.UNAUTHORIZED)
    door.attempts.succeeded(name)
    return await let_in(request, service, user, to)


@router.post("/sign-out")
async def sign_out(request: Request, service: Running, viewer: SignedIn) -> Response:
    """End the session."""
    door = door_of(request)
    token = door.cookie(request, SESSION) or ""
    await asyncio.to_thread(_end, service, token, viewer)
    answer = RedirectResponse("/console/sign-in", HTTPStatus.SEE_OTHER)
    door.drop_cookie(answer, SESSION)
    tell(request, answer, "You are signed out.")
    return answer


async def let_in(
    request: Request, service: Service, user: User, to: str
) -> RedirectResponse:
    """Begin a session of `user` under a new token, and lead them on."""
    door = door_of(request)
    token = new_token()
    before = door.cookie(request, SESSION)
    await asyncio.to_thread(_begin, service, user, token, before)
    answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    door.set_cookie(answer, SESSION, token, LONGEST.total_seconds())
    door.drop_cookie(answer, VISITOR)
    return answer


def inside(path: str) -> str:
    """Return `path` where it is a page of the console, else its home.

    What a link says must not lead elsewhere after signing in.
    """
    within = path == HOME or path.startswith(f"{HOME}/")
    plain = path.isascii() and path.isprintable() and not {"\\", " "} & set(path)
    return path if within and plain and "//" not in path else HOME


def address_of(request: Request) -> str:
    """Return where a request comes from, as the server sees it."""
    return request.client.host if request.client else ""


async def _form(
    request: Request,
    service: Service,
    filled: dict[str, str],
    status: int = HTTPStatus.OK,
) -> Response:
    door = door_of(request)
    secret = door.cookie(request, VISITOR) or new_token()
    request.state.csrf = form_token(secret)
    context = {
        **filled,
        "anybody": await asyncio.to_thread(_anybody, service),
        "provider": door.provider and door.provider.name,
    }
    answer = show(request, None, "sign_in.html", context, status)
    door.set_cookie(answer, VISITOR, secret, _VISIT_SECONDS)
    return answer


def _too_many(wait: int) -> str:
    minutes = -(-wait // 60)
    unit = "minute" if minutes == 1 else "minutes"
    return f"Too many attempts. Try again in {minutes} {unit}."


def _anybody(service: Service) -> bool:
    with reading(service.engine) as connection:
        return anybody(connection)


def _proven(service: Service, name: str, password: str) -> User | None:
    with reading(service.engine) as connection:
        user = by_name(connection, name)
    kept = user.password if user and user.disabled_at is None else None
    # Tried in any case: how long it takes tells nothing of who there is.
    if not fits(password, kept) or user is None or kept is None:
        return None
    if outdated(kept):
        with writing(service.engine) as connection:
            keep_password(connection, user, hashed(password))
    return user


def _begin(service: Service, user: User, token: str, before: str | None) -> None:
    viewer = Viewer(user.user_id, user.name, user.role)
    with writing(service.engine) as connection:
        if before:
            end(connection, before)
        begin(connection, user.user_id, token, service.intake.now())
        By.viewer(viewer, service).note(connection, "user.signed_in", {})


def _end(service: Service, token: str, viewer: Viewer) -> None:
    with writing(service.engine) as connection:
        end(connection, token)
        By.viewer(viewer, service).note(connection, "user.signed_out", {})
