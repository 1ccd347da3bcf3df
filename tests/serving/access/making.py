"""Keys, tokens and an app behind the gate, as tests need them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from serving.access.caller import Caller
from serving.access.gate import Gate
from serving.access.guard import Guard
from serving.access.key_ring import KeyRing
from serving.access.keys import create
from serving.access.needs import needs
from serving.access.new_key import NewKey
from serving.access.rates import Rates
from serving.access.refusal import add_access_handlers
from serving.access.scope import Scope
from serving.access.secret import Token
from serving.ids import new_id
from serving.problems import add_problem_handlers
from serving.store.database import writing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROUTE = NewKey("app", frozenset({Scope.ROUTE}))


@dataclass(slots=True)
class Clock:
    """Time that a test moves by hand, on the wall and for the cache."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def __call__(self) -> float:
        return self.seconds


@dataclass(slots=True)
class Bytes:
    """Gives bytes that differ each time and are the same in every run."""

    _calls: Iterator[int] = field(default_factory=count)

    def __call__(self, length: int) -> bytes:
        return next(self._calls).to_bytes(length)


def made(engine: sa.Engine, wanted: NewKey = ROUTE, at: datetime = NOON) -> Token:
    """Make a key in a transaction of its own."""
    with writing(engine) as connection:
        return create(
            connection, wanted, actor="operator:ann", now=lambda: at, new_id=new_id
        )


def bearer(token: Token | str) -> dict[str, str]:
    """Return the header that carries a token."""
    text = token.reveal() if isinstance(token, Token) else token
    return {"Authorization": f"Bearer {text}"}


def guarded(
    engine: sa.Engine, clock: Clock, *, anonymous: int = 1_000, webhooks: int = 1_000
) -> FastAPI:
    """Return an app with a few calls behind the gate."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        rates = Rates(anonymous_per_minute=anonymous, webhooks_per_minute=webhooks)
        gate = Gate(KeyRing(engine, clock=clock), rates, now=clock.now)
        yield {"gate": gate}
        gate.close()

    app = FastAPI(lifespan=lifespan)
    add_problem_handlers(app)
    add_access_handlers(app)
    app.add_middleware(Guard)

    @app.post("/v1/route")
    async def route(
        caller: Annotated[Caller, Depends(needs(Scope.ROUTE))], body: dict[str, str]
    ) -> str:
        caller.check(program=body.get("program"))
        return caller.actor

    @app.get("/v1/ledger/{program}")
    async def ledger(
        program: str, caller: Annotated[Caller, Depends(needs(Scope.LEDGER))]
    ) -> str:
        return f"{caller.actor} {program}"

    @app.get("/v1/forgotten")
    async def forgotten() -> str:
        return "its author named no scope"

    @app.post("/v1/inbound/{program}")
    async def inbound(program: str) -> str:
        return program

    @app.get("/metrics")
    async def metrics(
        caller: Annotated[Caller, Depends(needs(Scope.METRICS))],
    ) -> str:
        return caller.actor

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    return app


@contextmanager
def client_of(app: FastAPI) -> Iterator[TestClient]:
    """Give a client of a running app."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
