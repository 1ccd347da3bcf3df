from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from httpx2 import Response

from serving.access.new_key import NewKey
from serving.access.scope import Scope
from serving.api.handoffs import router
from serving.api.replies import router as api
from serving.ids import now
from serving.live import LiveBundle
from serving.service import Service
from serving.store.database import reading
from serving.store.review_tables import handoff_events
from tests.databases import KINDS, store
from tests.serving.access.making import bearer, made
from tests.serving.api.test_operations import metrics_of
from tests.serving.figures.making import MONDAY, decided, record
from tests.serving.let_in import NUMBER, Office, office

AT = "2026-11-23T11:00:00Z"


@pytest.fixture(params=KINDS)
def open_office(
    request: pytest.FixtureRequest, parrot: LiveBundle, tmp_path: Path
) -> Iterator[Office]:
    with (
        store(request.param, tmp_path) as url,
        office(parrot, url, router, api) as opened,
    ):
        yield opened


@pytest.fixture
def desk(parrot: LiveBundle, tmp_path: Path) -> Iterator[Office]:
    with (
        store("sqlite", tmp_path) as url,
        office(parrot, url, router, api) as opened,
    ):
        yield opened


def hand_over(desk: Office, message_id: str = "m1") -> dict[str, str]:
    """Write what nothing is promised for, so that a person gets it."""
    body = {
        "message_id": message_id,
        "from": NUMBER,
        "to": "+12025550142",
        "text": "hm",
        "received_at": "2026-11-23T10:00:00Z",
    }
    decision: dict[str, str] = desk.client.post("/v1/route", json=body).json()
    assert decision["action"] == "escalate"
    return decision


def tell(desk: Office, **fields: object) -> Response:
    body = {"event": "taken", "at": AT} | fields
    return desk.client.post("/v1/handoffs", json=body)


def events(desk: Office) -> list[tuple[str, str]]:
    with reading(desk.engine) as connection:
        rows = connection.execute(
            sa.select(handoff_events.c.kind, handoff_events.c.actor)
        )
        return [(row.kind, row.actor) for row in rows]


@pytest.mark.parametrize("named", ["conversation_id", "decision_id"])
@pytest.mark.parametrize("event", ["taken", "closed"])
def test_a_person_who_takes_it_ends_the_wait(
    desk: Office, named: str, event: str
) -> None:
    decision = hand_over(desk)
    told = {named: decision[named], "event": event, "at": "2026-11-23T12:01:00Z"}

    assert tell(desk, **told).json() == {
        "conversation_id": decision["conversation_id"],
        "recorded": True,
        "waiting_since": None,
    }
    assert events(desk) == [(event, "anonymous")]


def test_the_same_news_again_changes_nothing(open_office: Office) -> None:
    told = {"conversation_id": hand_over(open_office)["conversation_id"]}

    first, again, moved = (
        tell(open_office, **told, at=at).json()["recorded"]
        for at in (AT, "2026-11-23T12:00:00+01:00", "2026-11-23T11:00:01Z")
    )

    assert (first, again, moved) == (True, False, True)


def test_one_handed_over_again_waits_again(open_office: Office) -> None:
    conversation = hand_over(open_office)["conversation_id"]
    open_office.clock.seconds = 60
    hand_over(open_office, "m2")

    answer = tell(open_office, conversation_id=conversation, at="2026-11-23T12:00:30Z")

    assert answer.json()["waiting_since"] == "2026-11-23T12:01:00Z"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "body"),
        ({"conversation_id": "c1", "decision_id": "d1"}, "body"),
        ({"conversation_id": "nobody"}, "conversation_id"),
        ({"decision_id": "nobody"}, "decision_id"),
        ({"conversation_id": "c1", "event": "eaten"}, "event"),
        ({"conversation_id": "c1", "at": None}, "at"),
        ({"conversation_id": "c1", "at": "2026-11-23T12:05:01Z"}, "at"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    desk: Office, wrong: dict[str, object], field: str
) -> None:
    record(desk.engine, [decided(MONDAY)])

    answer = tell(desk, **wrong)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert events(desk) == []


def test_a_key_tells_of_its_own_programs_alone(desk: Office) -> None:
    record(desk.engine, [decided(MONDAY, program="visits")])
    keys = {
        scope: made(
            desk.engine, NewKey("inbox", frozenset({scope}), frozenset({program}))
        )
        for scope, program in (
            (Scope.HANDOFFS, "visits"),
            (Scope.EVENTS, "visits"),
        )
    }
    body = {"conversation_id": "c1", "event": "taken", "at": AT}

    answers = {
        scope: desk.client.post("/v1/handoffs", json=body, headers=bearer(token))
        for scope, token in keys.items()
    }

    assert answers[Scope.HANDOFFS].status_code == 200
    assert answers[Scope.EVENTS].status_code == 403
    assert events(desk) == [("taken", f"key:{keys[Scope.HANDOFFS].key_id}")]


def test_a_key_of_another_program_is_refused(desk: Office) -> None:
    record(desk.engine, [decided(MONDAY, program="visits")])
    wanted = NewKey("inbox", frozenset({Scope.HANDOFFS}), frozenset({"fernhill"}))
    key = made(desk.engine, wanted)
    body = {"conversation_id": "c1", "event": "taken", "at": AT}

    answer = desk.client.post("/v1/handoffs", json=body, headers=bearer(key))

    assert answer.status_code == 403
    assert events(desk) == []


def test_who_waits_is_shown_to_prometheus(quick: TestClient) -> None:
    body = {"message_id": "m1", "from": NUMBER, "to": "+12025550142", "text": "hm"}
    decision = quick.post("/v1/route", json=body).json()
    name = ("replywise_waiting_conversations", decision["queue"])
    service: Service = quick.app_state["service"]

    service.count()
    assert metrics_of(quick)[name] == 1

    told = {"event": "taken", "at": now().isoformat()}
    quick.post("/v1/handoffs", json={**told, "decision_id": decision["decision_id"]})
    service.count()
    assert name not in metrics_of(quick)
