import base64
import hashlib
import re

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.testclient import TestClient

from serving.access.security_headers import CALLS, PAGES, SecurityHeaders


def client_of(app: FastAPI, *, tls: bool = False) -> TestClient:
    return TestClient(
        SecurityHeaders(app, tls_in_front=tls), raise_server_exceptions=False
    )


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()

    @app.get("/v1/thing")
    async def thing() -> str:
        return "x"

    @app.get("/page", response_class=HTMLResponse)
    async def page() -> str:
        return "<p>"

    @app.get("/v1/own")
    async def own() -> JSONResponse:
        own = {"Content-Security-Policy": "own", "Cache-Control": "private"}
        return JSONResponse("x", headers=own)

    @app.get("/v1/broken")
    async def broken() -> None:
        raise KeyError

    return app


@pytest.mark.parametrize("path", ["/v1/thing", "/page", "/none", "/docs", "/v1/broken"])
def test_every_answer_is_dressed(app: FastAPI, path: str) -> None:
    headers = client_of(app).get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


def test_answers_under_v1_are_kept_by_nobody(app: FastAPI) -> None:
    client = client_of(app)

    assert client.get("/v1/thing").headers["cache-control"] == "no-store"
    assert client.get("/v1/thing").headers["content-security-policy"] == CALLS
    assert "cache-control" not in client.get("/page").headers
    assert client.get("/page").headers["content-security-policy"] == PAGES


def test_what_an_answer_says_itself_stays(app: FastAPI) -> None:
    headers = client_of(app).get("/v1/own").headers

    assert headers["content-security-policy"] == "own"
    assert headers["cache-control"] == "private"


def test_browsers_are_held_to_https_where_it_is_there(app: FastAPI) -> None:
    headers = client_of(app, tls=True).get("/v1/thing").headers

    assert headers["strict-transport-security"] == "max-age=31536000"


def test_the_documentation_runs_its_own_script_and_no_other(quick: TestClient) -> None:
    client = TestClient(SecurityHeaders(quick.app))
    answer = client.get("/docs")

    [script] = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"] == f"'self' 'sha256-{digest}'"
    assert directives["default-src"] == "'self'"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert loaded
    assert all("//" not in name for name in loaded)


def test_the_simulator_keeps_the_policy_that_it_has(quick: TestClient) -> None:
    own = quick.get("/").headers["content-security-policy"]
    client = TestClient(SecurityHeaders(quick.app))
    client.app_state.update(quick.app_state)

    dressed = client.get("/")

    assert dressed.headers["content-security-policy"] == own
    parts = {part.strip() for part in own.split(";")}
    assert parts == {part.strip() for part in PAGES.split(";")}
