from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from serving.access.caller import ANONYMOUS
from serving.access.gate import identify, needs_caller
from serving.access.key_ring import HOLDS_SECONDS, USES_SECONDS, Keys
from serving.access.keys import find, revoke, rotate
from serving.access.new_key import NewKey
from serving.access.refusal import KEY_MISSING, KEY_UNKNOWN
from serving.access.scope import Scope
from serving.access.secret import Token
from serving.ids import new_id
from serving.problems import MEDIA_TYPE
from serving.store.database import reading, writing
from tests.serving.access.making import (
    NOON,
    ROUTE,
    Clock,
    bearer,
    client_of,
    guarded,
    made,
)

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(engine: sa.Engine, clock: Clock) -> Iterator[TestClient]:
    with client_of(guarded(engine, clock)) as client:
        yield client


def route(client: TestClient, token: Token | None = None, **body: str) -> Response:
    headers = bearer(token) if token else {}
    return client.post("/v1/route", json=body, headers=headers)


def told(answer: Response) -> tuple[int, str]:
    """Return the status and the kind of a problem."""
    assert answer.headers["content-type"] == MEDIA_TYPE
    return answer.status_code, answer.json()["type"].removeprefix("urn:replywise:")


def test_without_any_key_everyone_may_call(client: TestClient) -> None:
    assert route(client).json() == "anonymous"
    assert client.get("/v1/ledger/acme").json() == "anonymous acme"
    assert client.get("/metrics").json() == "anonymous"


def test_from_the_first_key_on_a_call_needs_one(
    client: TestClient, engine: sa.Engine, clock: Clock
) -> None:
    assert route(client).status_code == 200
    token = made(engine)
    clock.seconds += HOLDS_SECONDS

    assert told(route(client)) == (401, "key-missing")
    assert route(client, token).json() == f"key:{token.key_id}"


def test_the_last_key_that_is_revoked_leaves_the_service_closed(
    client: TestClient, engine: sa.Engine
) -> None:
    _revoke(engine, made(engine))

    assert told(route(client)) == (401, "key-missing")


def test_a_call_whose_author_named_no_scope_is_closed_all_the_same(
    client: TestClient, engine: sa.Engine
) -> None:
    token = made(engine)

    assert told(client.get("/v1/forgotten")) == (401, "key-missing")
    assert client.get("/v1/forgotten", headers=bearer(token)).status_code == 200


def test_what_does_not_exist_is_closed_as_well(
    client: TestClient, engine: sa.Engine
) -> None:
    made(engine)

    assert told(client.get("/v1/nothing")) == (401, "key-missing")
    assert told(client.get("/v1")) == (401, "key-missing")


def test_webhooks_health_and_other_pages_need_no_key(
    client: TestClient, engine: sa.Engine
) -> None:
    made(engine)

    assert client.post("/v1/inbound/acme").json() == "acme"
    assert client.get("/healthz").status_code == 200
    assert told(client.get("/metrics")) == (401, "key-missing")


@pytest.mark.parametrize(
    "header",
    ["Basic abc", "Bearer", "Bearer ", "rw_0123456789ab_x", "", "Bearer\trw_"],
)
def test_a_header_without_a_key_is_none(
    client: TestClient, engine: sa.Engine, header: str
) -> None:
    made(engine)

    answer = client.post("/v1/route", json={}, headers={"Authorization": header})

    assert told(answer) == (401, "key-missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="replywise"'


def test_a_key_that_opens_nothing_is_told_nothing_else(
    client: TestClient, engine: sa.Engine
) -> None:
    token = made(engine)
    gone = made(engine)
    _revoke(engine, gone)
    wrong = [
        "something",
        "rw_ffffffffffff_" + "s" * 43,
        Token(token.key_id, gone.secret).reveal(),
        Token(gone.key_id, token.secret).reveal(),
    ]

    for text in wrong:
        answer = client.post("/v1/route", json={}, headers=bearer(text))
        assert told(answer) == (401, "key-unknown")
        assert text not in answer.text
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_key_whose_time_is_over_says_so(
    client: TestClient, engine: sa.Engine, clock: Clock
) -> None:
    token = made(engine, replace(ROUTE, lifetime=DAY))

    assert route(client, token).status_code == 200
    clock.seconds = DAY.total_seconds()
    assert told(route(client, token)) == (401, "key-expired")


def test_a_revoked_key_ends_within_the_stated_time(
    client: TestClient, engine: sa.Engine, clock: Clock
) -> None:
    token = made(engine)
    assert route(client, token).status_code == 200
    _revoke(engine, token)
    clock.seconds += HOLDS_SECONDS

    assert told(route(client, token)) == (401, "key-revoked")


def test_a_key_that_was_rotated_opens_at_once_with_either_secret(
    client: TestClient, engine: sa.Engine, clock: Clock
) -> None:
    old = made(engine)
    assert route(client, old).status_code == 200
    clock.seconds += 1
    with writing(engine) as connection:
        new = rotate(
            connection, old.key_id, actor="x", now=clock.now, new_id=new_id, overlap=DAY
        )

    assert route(client, new).status_code == 200
    assert route(client, old).status_code == 200
    clock.seconds += DAY.total_seconds()
    assert told(route(client, old)) == (401, "key-unknown")


def test_a_call_needs_its_own_scope(client: TestClient, engine: sa.Engine) -> None:
    token = made(engine, NewKey("x", frozenset({Scope.LEDGER, Scope.ADMIN})))

    answer = route(client, token)

    assert told(answer) == (403, "scope-missing")
    assert "`route`" in answer.json()["detail"]
    assert 'scope="route"' in answer.headers["www-authenticate"]
    assert client.get("/v1/ledger/acme", headers=bearer(token)).status_code == 200
    assert told(client.get("/metrics", headers=bearer(token))) == (403, "scope-missing")


def test_a_key_names_its_own_programs_alone(
    client: TestClient, engine: sa.Engine
) -> None:
    scopes = frozenset({Scope.LEDGER, Scope.ROUTE})
    token = made(engine, NewKey("x", scopes, frozenset({"acme"})))
    headers = bearer(token)

    assert client.get("/v1/ledger/acme", headers=headers).status_code == 200
    refused = client.get("/v1/ledger/other", headers=headers)
    assert told(refused) == (403, "program-refused")
    assert route(client, token, program="acme").status_code == 200
    assert told(route(client, token, program="other")) == (403, "program-refused")


def test_nobody_without_a_key_has_a_body_read(
    client: TestClient, engine: sa.Engine
) -> None:
    made(engine)

    answer = client.post(
        "/v1/route", content=b"{", headers={"content-type": "application/json"}
    )

    assert told(answer) == (401, "key-missing")


def test_requests_cost_no_query_while_the_keys_are_fresh(
    client: TestClient, engine: sa.Engine, clock: Clock
) -> None:
    token = made(engine)
    assert route(client, token).status_code == 200
    queries: list[str] = []
    sa.event.listen(
        engine, "before_cursor_execute", lambda *told: queries.append(str(told[2]))
    )

    for _ in range(20):
        assert route(client, token).status_code == 200
        route(client, Token("0" * 12, "s" * 43))
    assert queries == []
    clock.seconds += 1
    for _ in range(20):
        route(client, Token("0" * 12, "s" * 43))
    assert len([query for query in queries if "api_keys" in query]) == 1


def test_nobody_is_let_in_while_the_keys_cannot_be_read(
    client: TestClient, engine: sa.Engine, clock: Clock
) -> None:
    token = made(engine)
    assert route(client, token).status_code == 200
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE api_keys RENAME TO gone")
    assert route(client, token).status_code == 200
    clock.seconds += HOLDS_SECONDS

    answer = route(client, token)

    assert told(answer) == (503, "store-unavailable")
    assert answer.headers["retry-after"] == "5"
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO api_keys")
    assert route(client, token).status_code == 200


def test_the_last_use_is_written_beside_the_requests_and_at_the_end(
    engine: sa.Engine, clock: Clock
) -> None:
    token = made(engine)
    with client_of(guarded(engine, clock)) as client:
        route(client, token)
        clock.seconds += USES_SECONDS
        route(client, token)
        clock.seconds += 1
        route(client, token)

    with reading(engine) as connection:
        key = find(connection, token.key_id)
    assert key
    assert key.last_used_at == NOON + timedelta(seconds=USES_SECONDS + 1)


def test_calls_over_the_rate_of_a_key_wait(
    client: TestClient, engine: sa.Engine
) -> None:
    token = made(engine, replace(ROUTE, per_minute=3))
    other = made(engine)

    answers = [route(client, token) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert told(answers[-1]) == (429, "too-many-requests")
    headers = answers[-1].headers
    wait = int(headers["retry-after"])
    assert 1 <= wait <= 60
    assert headers["ratelimit"] == f'"key";r=0;t={wait}'
    assert headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert route(client, other).status_code == 200


def test_an_open_service_counts_addresses(engine: sa.Engine, clock: Clock) -> None:
    with client_of(guarded(engine, clock, anonymous=2)) as client:
        statuses = [route(client).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_the_document_shows_the_key_and_the_scope(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    scheme = document["components"]["securitySchemes"]["key"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    calls = document["paths"]
    assert calls["/v1/route"]["post"]["security"] == [{"key": ["route"]}]
    assert calls["/metrics"]["get"]["security"] == [{"key": ["metrics"]}]
    assert "security" not in calls["/healthz"]["get"]
    assert "parameters" not in calls["/v1/route"]["post"]


@given(st.text())
def test_no_header_opens_what_a_key_closes(header: str) -> None:
    keys = Keys({"": None})  # type: ignore[dict-item] # never looked at

    assert identify(keys, header, NOON) in (KEY_MISSING, KEY_UNKNOWN)
    assert identify(Keys({}), header, NOON) is ANONYMOUS


@pytest.mark.parametrize(
    ("path", "closed"),
    [
        ("/v1", True),
        ("/v1/", True),
        ("/v1/route", True),
        ("/v1/inbound", True),
        ("/v1/inbound/", False),
        ("/v1/inbound/acme", False),
        ("/v1/inbounds/acme", True),
        ("/v1/../v1/route", True),
        ("/v10", False),
        ("/", False),
        ("/metrics", False),
    ],
)
def test_what_is_closed(path: str, *, closed: bool) -> None:
    assert needs_caller(path) is closed


def test_a_path_that_is_written_otherwise_finds_no_way_around(
    client: TestClient, engine: sa.Engine
) -> None:
    made(engine)

    for path in ("/%76%31/route", "/v1/%72oute", "/v1//route", "//v1/route", "/V1/x"):
        assert client.post(path, json={}).status_code in (401, 404)


def test_a_prefix_that_a_proxy_took_off_changes_nothing(
    engine: sa.Engine, clock: Clock
) -> None:
    made(engine)
    app = guarded(engine, clock)
    with TestClient(app, root_path="/api") as client:
        assert told(client.post("/api/v1/route", json={})) == (401, "key-missing")
        assert client.get("/api/healthz").status_code == 200


def _revoke(engine: sa.Engine, token: Token) -> None:
    with writing(engine) as connection:
        revoke(connection, token.key_id, actor="x", now=lambda: NOON, new_id=new_id)
