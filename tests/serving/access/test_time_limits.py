import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.types import Message

from serving.access.security_headers import SecurityHeaders
from serving.access.time_limits import TimeLimits
from serving.limits import BodyLimit
from serving.problems import MEDIA_TYPE, add_problem_handlers

SHORT = 0.05
AGES = 30


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    add_problem_handlers(app)
    app.add_middleware(BodyLimit)

    @app.post("/v1/echo")
    async def echo(body: dict[str, str]) -> dict[str, str]:
        return body

    @app.get("/v1/wait")
    async def wait(seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"

    @app.get("/v1/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            for part in "abc":
                yield part
                await asyncio.sleep(SHORT)

        return StreamingResponse(parts())

    @app.get("/v1/own")
    async def own() -> None:
        raise TimeoutError

    return app


def limited(app: FastAPI, body: float = AGES, request: float = AGES) -> TimeLimits:
    return TimeLimits(app, body_seconds=body, request_seconds=request)


def posted(app: TimeLimits, parts: Iterable[tuple[float, Message]]) -> list[Message]:
    """Send a body whose parts come after a pause each, and return what is said."""
    said: list[Message] = []
    coming = iter(parts)

    async def receive() -> Message:
        pause, message = next(coming, (AGES, {"type": "http.disconnect"}))
        await asyncio.sleep(pause)
        return message

    async def send(message: Message) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/echo",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    return said


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_time_is_served(app: FastAPI) -> None:
    parts = [(0.0, part(b'{"a": ')), (SHORT / 10, part(b'"b"}', more=False))]

    start, body, *_ = posted(limited(app, body=AGES), parts)

    assert start["status"] == 200
    assert body["body"] == b'{"a":"b"}'


@pytest.mark.parametrize(
    "parts",
    [
        [(AGES, part(b"{}", more=False))],
        [(0.0, part(b"{")), (AGES, part(b"}", more=False))],
        # Each in good time, together too slow.
        [(SHORT * 0.4, part(b" ")) for _ in range(9)],
    ],
)
def test_a_body_that_does_not_arrive_is_refused(
    app: FastAPI, parts: list[tuple[float, Message]]
) -> None:
    start, body, *_ = posted(limited(app, body=SHORT), parts)

    headers = dict(start["headers"])
    assert start["status"] == 408
    assert headers[b"content-type"] == MEDIA_TYPE.encode()
    assert headers[b"connection"] == b"close"
    assert b"urn:replywise:body-too-slow" in body["body"]


def test_an_answer_that_does_not_begin_is_given_up(app: FastAPI) -> None:
    client = TestClient(limited(app, request=SHORT))

    answer = client.get("/v1/wait", params={"seconds": AGES})

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:replywise:took-too-long"
    assert answer.headers["retry-after"] == "5"


def test_an_answer_in_time_is_served(app: FastAPI) -> None:
    answer = TestClient(limited(app)).get("/v1/wait", params={"seconds": 0})

    assert answer.json() == "done"


def test_a_stream_that_has_begun_takes_its_time(app: FastAPI) -> None:
    assert TestClient(limited(app, request=SHORT)).get("/v1/stream").text == "abc"


def test_a_stream_outlives_the_time_of_a_body(app: FastAPI) -> None:
    assert TestClient(limited(app, body=SHORT)).get("/v1/stream").text == "abc"


def test_an_error_of_the_app_is_its_own(app: FastAPI) -> None:
    client = TestClient(limited(app), raise_server_exceptions=False)

    assert client.get("/v1/own").status_code == 500


def test_what_comes_after_the_beginning_of_an_answer_is_cut_off() -> None:
    async def hasty(_scope: object, receive: Callable, send: Callable) -> None:  # type: ignore[type-arg] # ASGI's
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.body", "body": b"whole"})

    said = posted(limited(hasty, body=SHORT), [(0.0, part(b"{"))])  # type: ignore[arg-type] # an app is one

    assert [message["type"] for message in said] == ["http.response.start"]


def test_the_life_of_the_app_has_no_limit() -> None:
    lived: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.sleep(2 * SHORT)
        lived.append("began")
        yield

    app = FastAPI(lifespan=lifespan)
    with TestClient(SecurityHeaders(limited(app, SHORT, SHORT))):
        assert lived == ["began"]
