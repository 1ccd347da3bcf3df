"""The Models page: who decides since when and why, who could, and what would change."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from model.errors import ReplywiseError, SettingsError, ShelfError, StoreError
from model.uses import short
from serving.api.replies import Running
from serving.bundles.comparison import differences, last_span
from serving.console.models_change import (
    LONGEST_REASON,
    Asked,
    asked_by,
    promote,
    roll_back,
    shelf_of,
    withdraw,
)
from serving.console.models_look import look, moment_told, seats
from serving.console.models_view import who
from serving.console.overview_export import MEDIA_TYPES, written
from serving.console.shell import Role, Viewer, form_of, only, show, tell
from serving.service import Service
from serving.store.database import reading

router = APIRouter(prefix="/console/models", include_in_schema=False)

Analyst = Annotated[Viewer, only(Role.ANALYST, Role.ADMIN)]
Change = Callable[[Service, Viewer, Asked], str]


@router.get("")
async def page(request: Request, service: Running, viewer: Analyst) -> Response:
    """Show who decides, who could, and who did."""
    return await _page(request, service, viewer)


@router.get("/live")
async def live(request: Request, service: Running, viewer: Analyst) -> Response:
    """Show who decides; asked again for as long as a change is under way."""
    told = await asyncio.to_thread(seats, service)
    return show(request, viewer, "_models_live.html", {"live": told, **_SHARED})


@router.get("/differences.csv")
async def export(service: Running, _viewer: Analyst) -> Response:
    """Give what the last challenger would have done otherwise as a file."""
    content = await asyncio.to_thread(_exported, service)
    headers = {"Content-Disposition": 'attachment; filename="differences.csv"'}
    return Response(content, media_type=MEDIA_TYPES["csv"], headers=headers)


@router.post("/promote")
async def give_role(request: Request, service: Running, viewer: Analyst) -> Response:
    """Make a bundle champion or challenger."""
    return await _changed(request, service, viewer, promote)


@router.post("/rollback")
async def go_back(request: Request, service: Running, viewer: Analyst) -> Response:
    """Go back to the champion before this one."""
    return await _changed(request, service, viewer, roll_back)


@router.post("/withdraw")
async def take_back(request: Request, service: Running, viewer: Analyst) -> Response:
    """Let nobody decide beside the champion."""
    return await _changed(request, service, viewer, withdraw)


_SHARED: Mapping[str, object] = {
    "longest_reason": LONGEST_REASON,
    "short": short,
    "who": who,
}


async def _changed(
    request: Request, service: Service, viewer: Viewer, change: Change
) -> Response:
    form = await form_of(request)
    try:
        told = await asyncio.to_thread(change, service, viewer, asked_by(form))
    except StoreError:
        raise
    except ReplywiseError as error:
        return await _page(request, service, viewer, str(error))
    answer = RedirectResponse(router.prefix, HTTPStatus.SEE_OTHER)
    tell(request, answer, told)
    return answer


async def _page(
    request: Request, service: Service, viewer: Viewer, problem: str | None = None
) -> Response:
    """Show the page; `problem` is why what was asked for was not done."""
    try:
        told = await asyncio.to_thread(look, service)
    except ShelfError as error:
        context = {"look": None, "problem": str(error)}
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return show(request, viewer, "models.html", context, status)
    moment, at = None, request.query_params.get("at", "")
    try:
        moment = await asyncio.to_thread(moment_told, service, at) if at else None
    except SettingsError as error:
        problem = str(error)
    whole = {
        "look": told,
        "live": told.seats,
        "moment": moment,
        "at": at,
        "problem": problem,
        **_SHARED,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return show(request, viewer, "models.html", whole, status)


def _exported(service: Service) -> bytes:
    span = last_span(shelf_of(service).history())
    if span is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with reading(service.engine) as connection:
        return written(differences(connection, span), "csv")
