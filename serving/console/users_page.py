"""The Users page: who works in the console; for admins."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from model.errors import SettingsError
from serving.api.replies import Running
from serving.console import users
from serving.console.by import By
from serving.console.shell import Role, Viewer, form_of, only, show, tell
from serving.console.users import User, all_users
from serving.service import Service
from serving.store.database import reading, writing

router = APIRouter(prefix="/console/users", include_in_schema=False)

Admin = Annotated[Viewer, only(Role.ADMIN)]
Change = Callable[[sa.Connection], None]


@router.get("")
async def page(request: Request, service: Running, viewer: Admin) -> Response:
    """Show everybody."""
    return await _page(request, service, viewer)


@router.post("/role")
async def set_role(request: Request, service: Running, viewer: Admin) -> Response:
    """Give somebody another role."""
    form = await form_of(request)
    name, role = form.get("name", ""), form.get("role", "")
    if role not in set(Role):
        problem = f"Role: expected one of {', '.join(Role)}."
        return await _page(request, service, viewer, problem)
    by = By.viewer(viewer, service)
    return await _changed(
        request,
        service,
        viewer,
        lambda connection: users.set_role(connection, name, Role(role), by),
        f"{name} is {role} now.",
    )


@router.post("/disable")
async def disable(request: Request, service: Running, viewer: Admin) -> Response:
    """Let somebody in no more."""
    name = (await form_of(request)).get("name", "")
    by = By.viewer(viewer, service)
    return await _changed(
        request,
        service,
        viewer,
        lambda connection: users.disable(connection, name, by),
        f"{name} is signed out and may not sign in.",
    )


@router.post("/enable")
async def enable(request: Request, service: Running, viewer: Admin) -> Response:
    """Let somebody in again."""
    name = (await form_of(request)).get("name", "")
    by = By.viewer(viewer, service)
    return await _changed(
        request,
        service,
        viewer,
        lambda connection: users.enable(connection, name, by),
        f"{name} may sign in again.",
    )


async def _changed(
    request: Request, service: Service, viewer: Viewer, change: Change, told: str
) -> Response:
    try:
        await asyncio.to_thread(_write, service, change)
    except SettingsError as error:
        return await _page(request, service, viewer, f"{error}.")
    answer = RedirectResponse(router.prefix, HTTPStatus.SEE_OTHER)
    tell(request, answer, told)
    return answer


async def _page(
    request: Request, service: Service, viewer: Viewer, problem: str = ""
) -> Response:
    found = await asyncio.to_thread(_everybody, service)
    context = {"users": found, "roles": list(Role), "problem": problem}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return show(request, viewer, "users.html", context, status)


def _everybody(service: Service) -> list[User]:
    with reading(service.engine) as connection:
        return all_users(connection)


def _write(service: Service, change: Change) -> None:
    with writing(service.engine) as connection:
        change(connection)
