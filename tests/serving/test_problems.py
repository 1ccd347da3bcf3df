import json
import logging
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from serving.live import LiveBundle
from serving.problems import MEDIA_TYPE, Problem
from tests.serving.phone import Phone, change, rows, served

NUMBER, WORDS = "+15550142", "my wife must not know of the necklace"
REPLY: dict[str, object] = {
    "message_id": "m1",
    "from": NUMBER,
    "to": "+15550199",
    "text": WORDS,
}


class Wrong(NamedTuple):
    """A request that is refused, and the field that is to blame."""

    method: str
    path: str
    body: bytes
    status: int
    kind: str
    field: str | None = None


def routed(field: str, **changed: object) -> Wrong:
    body = json.dumps({**REPLY, **changed}).encode()
    return Wrong("POST", "/v1/route", body, 422, "invalid-request", field)


def classified(field: str, texts: object) -> Wrong:
    body = json.dumps({"texts": texts}).encode()
    return Wrong("POST", "/v1/classify", body, 422, "invalid-request", field)


def unreadable(body: bytes, kind: str = "bad-request") -> Wrong:
    return Wrong("POST", "/v1/route", body, 400, kind)


WHOLE = json.dumps(REPLY).encode()
WRONG = {
    "not JSON": unreadable(WHOLE[:-1], "malformed-json"),
    "words alone": unreadable(WORDS.encode(), "malformed-json"),
    "not UTF-8": unreadable(WHOLE.replace(b"wife", b"\xff\xfe")),
    "too deep": unreadable(b"[" * 100_000),
    "a number too long": unreadable(b'{"text": ' + b"9" * 5000 + b"}"),
    "no body": Wrong("POST", "/v1/route", b"", 422, "invalid-request", "body"),
    "a list": Wrong(
        "POST", "/v1/route", b"[" + WHOLE + b"]", 422, "invalid-request", "body"
    ),
    "no text": routed("text", text=None),
    "text a number": routed("text", text=15550142),
    "a lone surrogate": routed("text", text=WORDS + "\ud800"),
    "1 MB": routed("text", text=WORDS.ljust(1_000_000)),
    "id empty": routed("message_id", message_id=""),
    "id too long": routed("message_id", message_id=WORDS * 10),
    "id with NUL": routed("message_id", message_id=f"{WORDS}\0"),
    "id a surrogate": routed("message_id", message_id="\udfff"),
    "from words": routed("from", **{"from": f"{WORDS} {NUMBER}"}),
    "to empty": routed("to", to=""),
    "no zone": routed("received_at", received_at="2026-11-23T12:00:00"),
    "too early": routed("received_at", received_at="0001-01-01T00:00:00+14:00"),
    "too late": routed("received_at", received_at="9999-12-31T23:59:59-12:00"),
    "owner": routed("context.owner", context={"owner": NUMBER}),
    "language": routed("context.language", context={"language": WORDS}),
    "value": routed("context.variables", context={"variables": {NUMBER: 1}}),
    "name": routed("context.variables", context={"variables": {"\ud800": 1}}),
    "no texts": classified("texts", []),
    "1,001 texts": classified("texts", [WORDS] * 1001),
    "the second text": classified("texts.1", [WORDS, 15550142]),
    "method": Wrong("GET", "/v1/route", b"", 405, "method-not-allowed"),
    "path": Wrong("POST", f"/v1/{NUMBER}", WHOLE, 404, "not-found"),
    "asset": Wrong("GET", "/static/none.css", b"", 404, "not-found"),
}


def send(client: TestClient, wrong: Wrong) -> Response:
    headers = {"content-type": "application/json"}
    return client.request(wrong.method, wrong.path, content=wrong.body, headers=headers)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_error_is_a_problem(quick: TestClient, wrong: Wrong) -> None:
    answer = send(quick, wrong)

    problem = Problem.model_validate_json(answer.content, extra="forbid")
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.status_code == problem.status == wrong.status
    assert problem.type == f"urn:replywise:{wrong.kind}"
    assert problem.detail
    assert [e.field for e in problem.errors] == ([wrong.field] if wrong.field else [])


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_error_repeats_nothing_that_was_sent(
    quick: TestClient, wrong: Wrong, caplog: pytest.LogCaptureFixture
) -> None:
    # The test's own client logs the addresses that it asks for.
    caplog.set_level(logging.WARNING, "httpx2")
    caplog.set_level(logging.DEBUG)

    answer = send(quick, wrong)

    metrics = quick.get("/metrics").text
    for told in (answer.text, str(answer.headers), caplog.text, metrics):
        assert NUMBER.removeprefix("+") not in told
        assert "necklace" not in told


@pytest.mark.parametrize("missing", REPLY)
def test_every_missing_field_is_named(quick: TestClient, missing: str) -> None:
    body = {name: value for name, value in REPLY.items() if name != missing}

    answer = quick.post("/v1/route", json=body)

    assert answer.json()["errors"] == [{"field": missing, "problem": "Field required"}]


def test_a_wrong_method_says_which_is_right(quick: TestClient) -> None:
    assert quick.get("/v1/route").headers["allow"] == "POST"


def test_nul_is_text_like_any_other(quick: TestClient, store: Path) -> None:
    decision = Phone(quick).say("when\0do you open")

    assert decision.intent == "store_info"
    [(inputs,)] = rows(store, "SELECT inputs FROM decisions")
    assert json.loads(str(inputs))["text"] == "when\0do you open"


@pytest.mark.parametrize("table", ["decisions", "contacts", "outbox"])
def test_a_store_that_fails_asks_for_another_try(
    quick: TestClient, store: Path, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    phone = Phone(quick, NUMBER)
    change(store, f"ALTER TABLE {table} RENAME TO gone")

    answer = phone.post("STOP", message_id="m1", context={"last_message": WORDS})

    problem = Problem.model_validate_json(answer.content)
    assert answer.status_code == problem.status == 503
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert int(answer.headers["retry-after"]) > 0
    assert problem.type == "urn:replywise:store-unavailable"
    for told in (answer.text, caplog.text, quick.get("/metrics").text):
        assert NUMBER.removeprefix("+") not in told
        assert WORDS not in told

    change(store, f"ALTER TABLE gone RENAME TO {table}")

    assert phone.say("STOP", message_id="m1").effects
    assert rows(store, "SELECT count(*) FROM decisions") == [(1,)]


def test_what_nobody_foresaw_is_a_problem_too(parrot: LiveBundle, store: Path) -> None:
    def broken() -> str:
        raise RuntimeError(WORDS)

    with served(parrot, store, new_id=broken) as client:
        answer = Phone(client).post("STOP")

    problem = Problem.model_validate_json(answer.content)
    assert answer.status_code == problem.status == 500
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert problem.type == "urn:replywise:internal"
    assert WORDS not in answer.text
