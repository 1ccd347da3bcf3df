"""The frame: who is let in, what is refused, and what is shown then."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import Depends, FastAPI, Request

from serving import ids
from serving.console import users
from serving.console.by import By
from serving.console.console_pages import PAGES, page_at, pages_of
from serving.console.guard import OPEN, guard
from serving.console.routes import console
from serving.console.viewer import Role, Viewer
from serving.store.database import writing
from tests.serving.console.desk import HOST, SESSION_COOKIE, Desk
from tests.serving.phone import change

STATIC = Path("serving/console/static")


def pages(*methods: str) -> list[str]:
    """Return the paths that the console takes one of `methods` at."""
    routers: list[Any] = list(console.routes)
    return sorted(
        route.path
        for router in routers
        for route in router.effective_route_contexts()
        if route.methods & set(methods)
    )


def test_nobody_is_shown_anything_without_signing_in(quick_desk: Desk) -> None:
    looks, changes = pages("GET"), pages("POST")

    assert {*looks, *changes} > OPEN
    assert len(changes) > 5
    for path in set(looks) - OPEN:
        led = quick_desk.get(path).headers["location"]
        assert led.startswith("/console/sign-in"), path
    for path in set(changes) - OPEN:
        assert quick_desk.post(path).headers["location"] == "/console/sign-in", path


def test_a_page_whose_author_forgot_to_ask_is_closed(quick_desk: Desk) -> None:
    async def forgotten() -> str:
        return "a secret"

    app = quick_desk.client.app
    assert isinstance(app, FastAPI)
    app.add_api_route("/console/forgotten", forgotten, dependencies=[Depends(guard)])

    assert quick_desk.get("/console/forgotten").status_code == 303
    quick_desk.sign_in("qa")
    assert quick_desk.get("/console/forgotten").status_code == 200


def test_what_can_wait_does_while_somebody_waits_for_a_page(quick_desk: Desk) -> None:
    async def is_busy(request: Request) -> bool:
        return bool(request.state.service.busy())

    app = quick_desk.client.app
    assert isinstance(app, FastAPI)
    app.add_api_route("/console/busy", is_busy, dependencies=[Depends(guard)])
    app.add_api_route("/busy", is_busy)
    quick_desk.sign_in("qa")

    assert quick_desk.get("/console/busy").json() is True
    assert quick_desk.get("/busy").json() is False


def test_nothing_changes_by_what_was_not_meant(quick_desk: Desk) -> None:
    quick_desk.sign_in("admin")
    right = quick_desk.csrf
    forged: list[tuple[dict[str, str], str]] = [
        ({}, ""),
        ({}, "0" * 64),
        ({"sec-fetch-site": "cross-site"}, right),
        ({"sec-fetch-site": "same-site"}, right),
        ({"origin": "https://evil.example"}, right),
        ({"origin": "null"}, right),
    ]

    for path in pages("POST", "PUT", "PATCH", "DELETE"):
        for headers, csrf in forged:
            answer = quick_desk.post(path, headers, csrf=csrf)
            assert answer.status_code == 403, (path, headers)
            assert "from an earlier visit" in answer.text


def test_the_token_counts_in_the_header_as_well(quick_desk: Desk) -> None:
    quick_desk.sign_in("qa")

    headers = {"x-csrf-token": quick_desk.csrf, "sec-fetch-site": "same-origin"}
    answer = quick_desk.post("/console/sign-out", headers, csrf="")
    assert answer.status_code == 303


def test_a_form_with_countless_fields_is_not_read(quick_desk: Desk) -> None:
    quick_desk.at_the_door()

    answer = quick_desk.post("/console/sign-in", **{f"f{n}": "" for n in range(1001)})
    assert answer.status_code == 400
    assert "This cannot be done" in answer.text


def test_the_token_of_somebody_else_does_not_count(quick_desk: Desk) -> None:
    quick_desk.sign_in("admin")
    theirs = quick_desk.csrf
    quick_desk.sign_in("qa")

    assert quick_desk.post("/console/sign-out", csrf=theirs).status_code == 403


@pytest.mark.parametrize("role", Role)
def test_a_role_is_shown_its_pages_and_its_home(quick_desk: Desk, role: Role) -> None:
    quick_desk.sign_in(role)
    home = quick_desk.get("/console").headers["location"]
    page = quick_desk.get("/console/consent").text

    viewer = Viewer("1", "ann", role)
    names = re.findall(r'data-key="\w"[^>]*>(\w+)<', page)
    assert names == [page.name for page in pages_of(viewer)]
    assert home == "/console/review"
    assert page.count('aria-current="page"') == 1


def test_pages_and_keys_are_told_apart() -> None:
    assert len({page.key for page in PAGES}) == len(PAGES)
    assert pages_of(None) == ()
    assert page_at("/console/consent/look-up") is page_at("/console/consent")
    assert page_at("/console/consents") is None


@pytest.mark.parametrize("role", [Role.QA, Role.ANALYST])
def test_what_is_for_others_is_refused_in_words(quick_desk: Desk, role: Role) -> None:
    quick_desk.sign_in(role)

    answer = quick_desk.get("/console/users")
    assert answer.status_code == 403
    assert "This is not for your role" in answer.text
    assert "<nav" in answer.text
    assert quick_desk.post("/console/consent/erase").status_code == 403


def test_a_changed_role_counts_at_once(quick_desk: Desk) -> None:
    quick_desk.sign_in("admin", "root")
    user = quick_desk.sign_in("qa")
    assert quick_desk.get("/console/users").status_code == 403
    with writing(quick_desk.engine) as connection:
        by = By("operator:test", quick_desk.now, ids.new_id)
        users.set_role(connection, user.name, Role.ADMIN, by)

    assert quick_desk.get("/console/users").status_code == 200


def test_what_is_not_there_is_said_in_the_frame(quick_desk: Desk) -> None:
    stranger = quick_desk.get("/console/nothing")
    quick_desk.sign_in("qa")
    known = quick_desk.get("/console/nothing")

    for answer in (stranger, known):
        assert answer.status_code == 404
        assert "Nothing is here" in answer.text
    assert "<nav" not in stranger.text
    assert "qa-person" in known.text


def test_elsewhere_errors_stay_problems(quick_desk: Desk) -> None:
    answer = quick_desk.get("/v1/nothing")

    assert answer.headers["content-type"] == "application/problem+json"


def test_a_store_that_fails_is_said_in_the_frame(
    quick_desk: Desk, tmp_path: Path
) -> None:
    quick_desk.sign_in("qa")
    change(tmp_path / "replywise.db", "DROP TABLE user_sessions")

    answer = quick_desk.get("/console/consent")
    assert answer.status_code == 503
    assert "The store does not answer" in answer.text


def test_what_fails_unexpectedly_is_said_in_the_frame(quick_desk: Desk) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    app = quick_desk.client.app
    assert isinstance(app, FastAPI)
    app.add_api_route("/console/broken", broken)
    quick_desk.sign_in("qa")

    answer = quick_desk.get("/console/broken")
    assert answer.status_code == 500
    assert "Something failed here" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "<nav" in answer.text


def test_a_script_is_told_in_words_and_led_to_the_door(quick_desk: Desk) -> None:
    page = {"hx-request": "true", "hx-current-url": "http://testserver/console/consent"}
    away = quick_desk.get("/console/consent", **page)
    quick_desk.sign_in("qa")
    missing = quick_desk.get("/console/nothing", **page)

    assert away.status_code == 401
    assert away.headers["hx-redirect"] == "/console/sign-in?next=/console/consent"
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("text/plain")
    assert missing.text.startswith("Nothing is here.")


def test_a_session_that_is_over_is_told(quick_desk: Desk) -> None:
    quick_desk.client.cookies.set(SESSION_COOKIE, "of last week", domain=HOST)

    answer = quick_desk.get("/console/consent?day=3")
    assert (
        answer.headers["location"] == "/console/sign-in?next=/console/consent%3Fday%3D3"
    )
    assert "Your session is over" in quick_desk.get("/console/sign-in").text


def test_a_page_keeps_no_copy_and_asks_nobody_else(quick_desk: Desk) -> None:
    quick_desk.sign_in("qa")
    answer = quick_desk.get("/console/consent")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:", answer.text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text)
    assert "//" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', answer.text))


def test_every_asset_of_the_frame_is_there(quick_desk: Desk) -> None:
    page = quick_desk.get("/console/sign-in").text

    named = set(re.findall(r'(?:src|href)="(/static[^"]*)"', page))
    assert len(named) >= 6
    for name in named:
        assert quick_desk.get(name).status_code == 200, name


OURS = [p for p in STATIC.rglob("*") if p.suffix in {".js", ".css"}]


@pytest.mark.parametrize(
    "path", [p for p in OURS if "vendor" not in p.parts], ids=lambda p: p.name
)
def test_an_asset_of_ours_is_within_the_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert "eval(" not in text
    assert "innerHTML" not in text.replace("hx-swap", "")


def test_what_is_shipped_of_others_brings_its_licence() -> None:
    vendor = STATIC / "vendor"
    for asset in vendor.glob("*.js"):
        name = asset.name.split(".")[0]
        assert list(vendor.glob(f"{name}.LICENSE*")), name
        assert name in Path("NOTICE").read_text(encoding="utf-8").lower()
