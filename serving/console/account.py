"""The Account page: one's own password."""

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from model.errors import SettingsError
from serving.api.replies import Running
from serving.console.by import By
from serving.console.door import door_of
from serving.console.passwords import checked, fits, hashed
from serving.console.shell import SignedIn, Viewer, form_of, show, tell
from serving.console.sign_in import address_of, let_in
from serving.console.users import User, existing, set_password
from serving.service import Service
from serving.store.database import reading, writing

router = APIRouter(prefix="/console/account", include_in_schema=False)


@router.get("")
async def page(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Show who is signed in."""
    return await _page(request, service, viewer)


@router.post("/password")
async def change_password(
    request: Request, service: Running, viewer: SignedIn
) -> Response:
    """Change one's own password; every other session of theirs ends."""
    form = await form_of(request)
    door = door_of(request)
    if door.attempts.wait(viewer.name, address_of(request)):
        problem = "Too many attempts. Try again in ten minutes."
        return await _page(request, service, viewer, problem)
    if form.get("new", "") != form.get("again", ""):
        problem = "The new password was not the same both times."
        return await _page(request, service, viewer, problem)
    async with door.trying:
        given = (form.get("current", ""), form.get("new", ""))
        problem = await asyncio.to_thread(_change, service, viewer, *given)
    if problem:
        return await _page(request, service, viewer, problem)
    door.attempts.succeeded(viewer.name)
    user = await asyncio.to_thread(_user, service, viewer)
    answer = await let_in(request, service, user, router.prefix)
    tell(request, answer, "Your password is changed; you are signed out elsewhere.")
    return answer


async def _page(
    request: Request, service: Service, viewer: Viewer, problem: str = ""
) -> Response:
    context = {"user": await asyncio.to_thread(_user, service, viewer)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return show(
        request, viewer, "account.html", {**context, "problem": problem}, status
    )


def _user(service: Service, viewer: Viewer) -> User:
    with reading(service.engine) as connection:
        return existing(connection, viewer.name)


def _change(service: Service, viewer: Viewer, current: str, new: str) -> str:
    """Keep the new password; returns why it is not kept, nothing where it is."""
    if not fits(current, _user(service, viewer).password):
        return "The current password is wrong."
    try:
        kept = hashed(checked(new, viewer.name))
    except SettingsError as error:
        return f"New {error}."
    with writing(service.engine) as connection:
        set_password(connection, viewer.name, kept, By.viewer(viewer, service))
    return ""
