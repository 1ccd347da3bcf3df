"""A person with a phone, and the service that the person writes to."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from fastapi.testclient import TestClient
from httpx2 import Response

from serving import ids
from serving.app import create_app
from serving.live import LiveBundle
from serving.recording.intake import Intake
from serving.schemas import DecisionOut
from serving.service import Service
from serving.store.database import open_store


@contextmanager
def served(
    live: LiveBundle, store: Path, new_id: Callable[[], str] = ids.new_id
) -> Iterator[TestClient]:
    """Give a client of the app, wired as `replywise serve` wires it."""

    def start() -> Service:
        engine = open_store(f"sqlite:///{store}")
        return Service(live, engine, Intake(now=ids.now, new_id=new_id))

    with TestClient(create_app(start), raise_server_exceptions=False) as client:
        yield client


def rows(store: Path, query: str) -> list[tuple[object, ...]]:
    """Read the database file through a connection of the test's own."""
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute(query).fetchall()


def change(store: Path, statement: str) -> None:
    """Change the database file behind the service's back."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute(statement)
        connection.commit()


@dataclass(slots=True)
class Phone:
    """One number that writes to one of ours."""

    client: TestClient
    number: str = "+15550100"
    sender: str = "+15550199"
    _numbers: Iterator[int] = field(default_factory=count)

    def post(self, text: str, **fields: object) -> Response:
        """Send a reply; `fields` are added to the request or stand in for others."""
        body = {
            "message_id": f"{self.number}-{self.sender}-{next(self._numbers)}",
            "from": self.number,
            "to": self.sender,
            "text": text,
            **fields,
        }
        return self.client.post("/v1/route", json=body)

    def say(self, text: str, **fields: object) -> DecisionOut:
        """Send a reply that is decided about, and return the decision."""
        answer = self.post(text, **fields)
        assert answer.status_code == 200, answer.text
        return DecisionOut.model_validate_json(answer.content)
