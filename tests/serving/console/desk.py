"""The console over a store of any kind, and someone who sits at it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from serving import ids
from serving.app import create_app
from serving.bundles.watcher import Watched
from serving.console.by import By
from serving.console.forgery import form_token
from serving.console.sessions import begin, new_token
from serving.console.users import User, add, by_name
from serving.console.viewer import Role
from serving.live import LiveBundle
from serving.programs.deployment import DEFAULT
from serving.recording.intake import Intake
from serving.recording.setup import BUILT_IN_LANGUAGES, read_setup
from serving.service import Service
from serving.store.database import open_store, reading, writing

PEPPER = b"a secret of the deployment"
SESSION_COOKIE = "replywise-session"
HOST = "testserver.local"
"""Where the test client takes its cookies to be from."""

VISITOR_COOKIE = "replywise-visitor"


@dataclass(slots=True)
class Desk:
    """A browser without a screen.

    Attributes:
        client: talks to the app; it follows no redirect by itself.
        engine: the store behind the app.
        now: the clock of the app.
    """

    client: TestClient
    engine: sa.Engine
    now: Callable[[], datetime]
    csrf: str = ""

    def sign_in(self, role: Role | str, name: str | None = None) -> User:
        """Open a session of a user of `role`, made where there is none."""
        user, token = signed_in(self.engine, Role(role), self.now, name)
        self.client.cookies.set(SESSION_COOKIE, token, domain=HOST)
        self.csrf = form_token(token)
        return user

    def at_the_door(self) -> Response:
        """Look at the sign-in page; its form can be sent afterwards."""
        page = self.get("/console/sign-in")
        self.csrf = form_token(self.client.cookies[VISITOR_COOKIE])
        return page

    def sign_out(self) -> None:
        """Forget the session, here alone."""
        self.client.cookies.delete(SESSION_COOKIE, domain=HOST)
        self.csrf = ""

    def get(self, path: str, **headers: str) -> Response:
        """Look at a page."""
        return self.client.get(path, headers=_headers(headers), follow_redirects=False)

    def post(
        self, path: str, headers: Mapping[str, str] | None = None, /, **form: str
    ) -> Response:
        """Send a form of ours; give `csrf` to send another token than the right one."""
        body = {"csrf": self.csrf, **form}
        return self.client.post(
            path, data=body, headers=dict(headers or {}), follow_redirects=False
        )


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


def signed_in(
    engine: sa.Engine,
    role: Role,
    now: Callable[[], datetime] = ids.now,
    name: str | None = None,
) -> tuple[User, str]:
    """Return a user of `role` and what their browser holds; no password is tried."""
    name = name or f"{role.value}-person"
    token = new_token()
    with writing(engine) as connection:
        by = By("operator:test", now, ids.new_id)
        user = by_name(connection, name) or add(connection, name, role, by)
        begin(connection, user.user_id, token, now())
    return user, token


def console_app(
    live: LiveBundle,
    url: str,
    *,
    environ: Mapping[str, str] | None = None,
    now: Callable[[], datetime] = ids.now,
    pepper: bytes | None = PEPPER,
    watched: Watched | None = None,
) -> FastAPI:
    """Return the app over the store at `url`, wired as `replywise serve` wires it."""
    setup = read_setup(DEFAULT, BUILT_IN_LANGUAGES, pepper)

    def start() -> Service:
        intake = Intake(now=now, new_id=ids.new_id, setup=setup)
        return Service(live, open_store(url), intake, watched=watched)

    return create_app(start, environ or {})


@contextmanager
def desk(
    live: LiveBundle,
    url: str,
    *,
    environ: Mapping[str, str] | None = None,
    now: Callable[[], datetime] = ids.now,
    pepper: bytes | None = PEPPER,
    watched: Watched | None = None,
) -> Iterator[Desk]:
    """Give the app over the store at `url`, and a browser before it."""
    engine = open_store(url)
    app = console_app(
        live, url, environ=environ, now=now, pepper=pepper, watched=watched
    )
    try:
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Desk(client, engine, now)
    finally:
        engine.dispose()


def rows(engine: sa.Engine, statement: str) -> list[tuple[object, ...]]:
    """Read the store through a connection of the test's own."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]
