"""An app with routers behind the gate, over a store of any kind, and its clock."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from serving import ids
from serving.access.gate import Gate
from serving.access.guard import Guard
from serving.access.key_ring import KeyRing
from serving.access.rates import Rates
from serving.access.refusal import add_access_handlers
from serving.ledger.event import Entry
from serving.ledger.history import histories
from serving.limits import BodyLimit
from serving.live import LiveBundle
from serving.problems import add_problem_handlers
from serving.programs.deployment import DEFAULT
from serving.recording.intake import Intake
from serving.recording.setup import BUILT_IN_LANGUAGES, Setup, read_setup
from serving.service import Service
from serving.store.database import open_store, reading
from tests.serving.access.making import Clock

PEPPER = b"a secret of the deployment"
NUMBER = "+12125551234"


def setup() -> Setup:
    """Return what ships, with a pepper."""
    return read_setup(DEFAULT, BUILT_IN_LANGUAGES, PEPPER)


@dataclass(frozen=True, slots=True)
class Office:
    """A client of the app, and the store behind it."""

    client: TestClient
    engine: sa.Engine
    clock: Clock

    def ledger(self, number: str = NUMBER) -> list[Entry]:
        """Return what is on record of a number, erased or not."""
        with reading(self.engine) as connection:
            return histories(connection, [number], pepper=PEPPER)[number]


@contextmanager
def office(live: LiveBundle, url: str, *routers: APIRouter) -> Iterator[Office]:
    """Give the app; its clock stands at noon UTC of a Monday until it is moved."""
    clock = Clock()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        engine = open_store(url)
        intake = Intake(now=clock.now, new_id=ids.new_id, setup=setup())
        service = Service(live, engine, intake)
        rates = Rates(anonymous_per_minute=1_000, webhooks_per_minute=1_000)
        gate = Gate(KeyRing(engine, clock=clock), rates, now=clock.now)
        try:
            yield {"service": service, "gate": gate}
        finally:
            gate.close()
            service.close()

    app = FastAPI(lifespan=lifespan)
    add_problem_handlers(app)
    add_access_handlers(app)
    app.add_middleware(Guard)
    app.add_middleware(BodyLimit)
    for router in routers:
        app.include_router(router)
    engine = open_store(url)
    try:
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Office(client, engine, clock)
    finally:
        engine.dispose()
