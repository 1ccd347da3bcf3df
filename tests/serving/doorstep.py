"""Two brands with a provider each, the service behind their doors, and who knocks."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from fastapi.testclient import TestClient
from httpx2 import Response

from serving.app import create_app
from serving.ids import new_id
from serving.live import LiveBundle
from serving.programs.number import Number, NumberKind
from serving.programs.program import Program, Provider, SecretNames
from serving.programs.programs import Programs
from serving.providers.webhook import Webhook
from serving.recording.intake import Intake
from serving.recording.setup import Setup, built_in
from serving.service import Service
from serving.store.database import open_store
from serving.store.tables import messages_in
from tests.serving.providers.senders import NOW, SENDERS, Sender, fetch

PERSON = "+14155550100"
OURS = "+14155550199"
THEIRS = "+14155550188"
PATIENCE_SECONDS = 20.0


@dataclass(slots=True)
class Clock:
    """Stands still until it is moved."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)


def program(sender: Sender, program_id: str = "shop", **fields: object) -> Program:
    """Return a program whose messages come by `sender`'s provider."""
    numbers = {"shop": OURS, "other": THEIRS}
    number = Number(numbers.get(program_id, OURS), NumberKind.PHONE)
    values: dict[str, Any] = {
        "program_id": program_id,
        "brand": {"shop": "Fernhill"}.get(program_id, "Oakmoor"),
        "provider": Provider(sender.name),
        "numbers": (number,),
        "public_url": "https://sms.example.com",
        "secrets": _secret_names(sender, program_id),
        "accounts": frozenset({"account"} if sender.has_account else ()),
        **fields,
    }
    return replace(built_in().programs.default, **values)


def _secret_names(sender: Sender, program_id: str) -> SecretNames:
    if sender.name == "aws":
        return SecretNames((), ())
    return SecretNames((f"{program_id.upper()}_KEY",), ())


def setup_of(*programs: Program) -> Setup:
    """Return the setup of a deployment with these programs, the first the default."""
    by_id = {each.program_id: each for each in programs}
    owners = {n.key: each.program_id for each in programs for n in each.numbers}
    return replace(built_in(), programs=Programs(by_id, programs[0].program_id, owners))


def secrets_of(sender: Sender, key: str | None = None) -> Mapping[str, str]:
    """Return the environment that holds what proves the provider's calls."""
    known = sender.secrets(*([key] if key else [])).keys[0]
    return {"SHOP_KEY": known, "OTHER_KEY": known}


@dataclass(slots=True)
class Doorstep:
    """A running service, and what its store holds."""

    client: TestClient
    engine: sa.Engine
    clock: Clock
    sender: Sender
    service: Service

    def say(self, text: str, message_id: str = "message-1", **said: Any) -> Response:
        """Let the provider bring a text."""
        return self.bring(self.sender.call(self.said(text, message_id, **said)))

    def said(self, text: str, message_id: str, **said: Any) -> Any:
        at = said.pop("at", self.clock.moment)
        return self.sender.said(text, message_id=message_id, at=at, **said)

    def bring(self, webhook: Webhook, program_id: str | None = None) -> Response:
        """Let a call in, as it is or to another program's door."""
        parts = urlsplit(webhook.url)
        path = f"/v1/inbound/{program_id}" if program_id else parts.path
        url = path + (f"?{parts.query}" if parts.query else "")
        return self.client.request(
            webhook.method, url, headers=dict(webhook.headers), content=webhook.body
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    def count(self, table: str) -> int:
        query = sa.select(sa.func.count()).select_from(sa.table(table))
        with self.engine.connect() as connection:
            return int(connection.scalar(query) or 0)

    def events(self) -> list[str]:
        """Return the kinds of the ledger's events, in the order of the chain."""
        query = "SELECT kind FROM consent_events ORDER BY sequence"
        return [kind for (kind,) in self.rows(query)]

    def settled(self) -> None:
        """Wait until whatever came in is decided."""
        table = messages_in.c
        open_ = sa.select(table.key).where(table.leased_until.is_not(None))

        def nothing_left() -> bool:
            with self.engine.connect() as connection:
                return connection.execute(open_).first() is None

        until(nothing_left)


def until(true: Callable[[], bool]) -> None:
    """Wait until `true` is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Town:
    """What it takes to open the doors, again and again on one store."""

    live: LiveBundle
    url: str
    clock: Clock = field(default_factory=Clock)

    @contextmanager
    def open(
        self,
        name: str = "twilio",
        programs: tuple[Program, ...] = (),
        environ: Mapping[str, str] | None = None,
    ) -> Iterator[Doorstep]:
        sender = SENDERS[name]
        chosen = programs or (program(sender), program(sender, "other"))
        services: list[Service] = []

        def start() -> Service:
            intake = Intake(self.clock, new_id, setup_of(*chosen))
            services.append(Service(self.live, open_store(self.url), intake))
            return services[0]

        told = secrets_of(sender) if environ is None else environ
        app = create_app(start, told, fetch)
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Doorstep(client, engine, self.clock, sender, services[0])
