"""A real browser at the console: the system's Chromium, driven by Playwright."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Literal

import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from serving import ids
from serving.console.viewer import Role
from serving.live import LiveBundle
from tests.serving.console.desk import SESSION_COOKIE, console_app, signed_in

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 30
PATIENCE = 20_000
"""Milliseconds: a busy machine is slow, and no failure."""

# It asks nobody outside: where the network is closed, the refusals cost seconds.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_TOLD = (
    "Failed to load resource",
    "Response Status Error Code",
    "htmx:afterRequest",
    "htmx:sendError",
)
_SERIOUS = {"serious", "critical"}
_RUN_AXE = "async () => (await axe.run(document)).violations"


def chromium() -> str | None:
    """Return where the system's Chromium is."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Give the browser; the test is skipped where the system has none."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: apt install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """Serve `app` on a free port of this machine, and give its address."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(app, access_log=False, log_level="warning")
        )
        thread = threading.Thread(target=server.run, args=([place],), daemon=True)
        thread.start()
        deadline = monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            assert monotonic() < deadline, "the service took too long to start"
            sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)


@contextmanager
def console_at(live: LiveBundle, url: str) -> Iterator[str]:
    """Serve the console over the store at `url`, and give its address."""
    with listening(console_app(live, url)) as address:
        yield address


@contextmanager
def visit(
    browser: Browser,
    address: str,
    *,
    engine: sa.Engine | None = None,
    role: Role | str | None = None,
    scheme: Literal["light", "dark"] = "light",
    width: int = 1280,
    height: int = 900,
) -> Iterator[Page]:
    """Give a page of a browser of its own, signed in where a role is named.

    Whatever the browser complains of (a script that fails, something that the policy
    of the page forbids) fails the test when the block ends.
    """
    context = browser.new_context(
        base_url=address,
        color_scheme=scheme,
        viewport={"width": width, "height": height},
    )
    context.set_default_timeout(PATIENCE)
    if role is not None:
        assert engine is not None, "somebody signs in to a store"
        _, token = signed_in(engine, Role(role), ids.now)
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: _keep(complaints, message))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def axe(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical on a page, one line each."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [
        f"{violation['id']}: {node['html']}"
        for violation in page.evaluate(_RUN_AXE)
        if violation["impact"] in _SERIOUS
        for node in violation["nodes"]
    ]


def _keep(complaints: list[str], message: ConsoleMessage) -> None:
    # A page that is answered with an error is told as one; that is not the page's.
    if message.type == "error" and not message.text.startswith(_TOLD):
        complaints.append(message.text)
