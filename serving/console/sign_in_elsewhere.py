"""Signing in at the provider: the way there, the way back, and who that is here."""

import asyncio
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, unquote

import sqlalchemy as sa
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from model.errors import SettingsError
from serving.api.replies import Running
from serving.console.by import By
from serving.console.door import FLOW, door_of
from serving.console.guard import AWAY, BACK
from serving.console.oidc import Identity, ProviderError, way_there, who_came_back
from serving.console.oidc_settings import OidcSettings
from serving.console.sessions import new_token
from serving.console.sign_in import HOME, inside, let_in
from serving.console.users import User, add, by_name, by_subject, canonical, follow_role
from serving.service import Service
from serving.store.database import writing

router = APIRouter(include_in_schema=False)

AWAY_SECONDS = 600
"""How long somebody may take at the provider."""

_ACTOR = "oidc"


@router.get(AWAY)
async def leave(
    request: Request, to: Annotated[str, Query(alias="next")] = HOME
) -> Response:
    """Lead to the provider."""
    settings, secret = _settings(request), new_token()
    try:
        address = await way_there(settings, secret, _back(request))
    except ProviderError as error:
        raise HTTPException(HTTPStatus.BAD_GATEWAY, str(error)) from error
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    flow = f"{secret}.{quote(inside(to), safe='')}"
    door_of(request).set_cookie(answer, FLOW, flow, AWAY_SECONDS)
    return answer


@router.get(BACK)
async def come_back(request: Request, service: Running) -> Response:
    """Sign in whom the provider sends back."""
    settings, door = _settings(request), door_of(request)
    secret, _, to = (door.cookie(request, FLOW) or "").partition(".")
    told = dict(request.query_params)
    try:
        identity = await who_came_back(settings, secret, _back(request), told)
        user = await asyncio.to_thread(_user_of, service, identity, settings)
    except ProviderError as error:
        raise HTTPException(HTTPStatus.FORBIDDEN, str(error)) from error
    answer = await let_in(request, service, user, inside(unquote(to)))
    door.drop_cookie(answer, FLOW)
    return answer


def _settings(request: Request) -> OidcSettings:
    settings = door_of(request).provider
    if settings is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return settings


def _back(request: Request) -> str:
    scheme = "https" if door_of(request).secure else request.url.scheme
    return f"{scheme}://{request.url.netloc}{BACK}"


def _user_of(service: Service, identity: Identity, settings: OidcSettings) -> User:
    """Return the user of an identity, made at the first visit.

    Groups are followed each time, also where they give a role no more; of whom the
    provider tells none, the user keeps the role that an admin gave.

    Raises:
        ProviderError: the user is disabled, or nothing gives a role.
    """
    by = By(_ACTOR, service.intake.now, service.intake.new_id)
    role = identity.role or settings.default_role
    with writing(service.engine) as connection:
        user = by_subject(connection, identity.subject)
        if user is not None and user.disabled_at is not None:
            raise ProviderError("You may not work here any more; ask an admin.")
        if user is not None and not identity.grouped:
            return user
        if role is None:
            raise ProviderError(
                "The provider knows you, but nothing gives you a role here. Ask an "
                "admin; the roles are mapped in REPLYWISE_OIDC_ROLES."
            )
        if user is not None:
            return follow_role(connection, user, role, by)
        for name in identity.names:
            if _free(connection, name):
                return add(connection, name, role, by, subject=identity.subject)
    raise ProviderError("Your name is taken here; ask an admin.")


def _free(connection: sa.Connection, name: str) -> bool:
    try:
        return by_name(connection, canonical(name)) is None
    except SettingsError:  # It cannot be a name here.
        return False
