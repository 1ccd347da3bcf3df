"""Signing in by password and signing out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from serving import ids
from serving.access.audit import entries
from serving.console import users
from serving.console.attempts import BY_NAME
from serving.console.by import By
from serving.console.passwords import Work, hashed
from serving.console.sign_in import inside
from serving.console.viewer import Role
from serving.live import LiveBundle
from serving.store.database import reading, writing
from tests.databases import store
from tests.serving.console.desk import HOST, SESSION_COOKIE, Desk, desk, rows

PHRASE = "a horse, a battery"
# What it costs is tested beside the passwords.
CHEAP = Work(memory=8, passes=1, lanes=1)
OPERATOR = By("operator:test", ids.now, ids.new_id)


def add(to: Desk, name: str = "ann", phrase: str | None = PHRASE) -> None:
    with writing(to.engine) as connection:
        kept = hashed(phrase, CHEAP) if phrase else None
        users.add(connection, name, Role.ANALYST, OPERATOR, password=kept)


def sign_in(to: Desk, name: str = "ann", phrase: str = PHRASE, **more: str) -> Response:
    return to.post("/console/sign-in", name=name, password=phrase, **more)


@pytest.fixture
def ann(quick_desk: Desk) -> Desk:
    """Return the console with Ann in the store, before its sign-in page."""
    add(quick_desk)
    quick_desk.at_the_door()
    return quick_desk


def test_the_first_visit_says_how_to_make_a_user(quick_desk: Desk) -> None:
    page = quick_desk.at_the_door()

    assert page.status_code == 200
    assert "replywise users add ann --role admin" in page.text
    assert "password" not in re.findall(r'type="(\w+)"', page.text)


def test_the_right_password_leads_to_where_one_wanted(ann: Desk) -> None:
    answer = sign_in(ann, " Ann ", next="/console/models")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/models"
    assert ann.get("/console").headers["location"] == "/console/review"
    with reading(ann.engine) as connection:
        assert entries(connection)[-1].action == "user.signed_in"


def test_what_is_wrong_is_not_said(ann: Desk) -> None:
    add(ann, "by-provider", None)
    add(ann, "gone")
    with writing(ann.engine) as connection:
        users.disable(connection, "gone", OPERATOR)

    told = {
        re.sub(r'value="[^"]*"', "", answer.text)
        for answer in (
            sign_in(ann, "ann", "something else"),
            sign_in(ann, "nobody", PHRASE),
            sign_in(ann, "by-provider", ""),
            sign_in(ann, "gone", PHRASE),
        )
        if answer.status_code == 401
    }
    [page] = told
    assert "Name or password is wrong" in page
    assert SESSION_COOKIE not in ann.client.cookies


def test_a_cookie_is_closed_to_scripts_and_other_sites(ann: Desk) -> None:
    answer = sign_in(ann)

    [cookie] = [
        each
        for each in answer.headers.get_list("set-cookie")
        if each.startswith(SESSION_COOKIE)
    ]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


@pytest.fixture
def behind_tls(parrot: LiveBundle, tmp_path: Path) -> Iterator[Desk]:
    """Return the console that is reached by HTTPS alone."""
    environ = {"REPLYWISE_TLS_IN_FRONT": "1"}
    with store("sqlite", tmp_path) as url, desk(parrot, url, environ=environ) as found:
        yield found


def test_behind_tls_cookies_belong_to_this_host_alone(behind_tls: Desk) -> None:
    page = behind_tls.get("/console/sign-in")

    cookie = page.headers["set-cookie"]
    assert cookie.startswith("__Host-replywise-visitor=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_signing_in_gives_a_new_token_and_ends_the_old(ann: Desk) -> None:
    ann.sign_in("qa")
    before = ann.client.cookies[SESSION_COOKIE]
    answer = sign_in(ann)

    after = ann.client.cookies[SESSION_COOKIE]
    assert answer.status_code == 303
    assert after != before
    assert rows(ann.engine, "SELECT count(*) FROM user_sessions") == [(1,)]


def test_signing_out_ends_the_session_in_the_store(ann: Desk) -> None:
    ann.sign_in("qa")
    token = ann.client.cookies[SESSION_COOKIE]

    answer = ann.post("/console/sign-out")

    assert answer.headers["location"] == "/console/sign-in"
    assert "You are signed out." in ann.get("/console/sign-in").text
    assert "You are signed out." not in ann.get("/console/sign-in").text
    # Whoever kept the token comes in no more.
    ann.client.cookies.set(SESSION_COOKIE, token, domain=HOST)
    assert ann.get("/console/consent").status_code == 303


def test_a_password_is_tried_ten_times_and_then_waited_for(ann: Desk) -> None:
    answers = [sign_in(ann, "ann", f"guess {n}") for n in range(BY_NAME.amount)]
    late = sign_in(ann)

    assert {answer.status_code for answer in answers} == {401}
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) <= 600
    assert "Try again in" in late.text


def test_the_form_of_another_visit_signs_nobody_in(ann: Desk) -> None:
    answer = sign_in(ann, csrf="0" * 64)

    assert answer.status_code == 403
    assert SESSION_COOKIE not in ann.client.cookies


def test_a_password_is_kept_anew_when_hashing_costs_more(ann: Desk) -> None:
    [(before,)] = rows(ann.engine, "SELECT password FROM users")
    sign_in(ann)

    [(after,)] = rows(ann.engine, "SELECT password FROM users")
    assert "m=8," in str(before)
    assert "m=65536," in str(after)
    ann.sign_out()
    ann.at_the_door()
    assert sign_in(ann).status_code == 303


def test_who_is_signed_in_is_led_past_the_door(ann: Desk) -> None:
    ann.sign_in("qa")

    answer = ann.get("/console/sign-in?next=/console/consent")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/consent")


@pytest.mark.parametrize(
    ("told", "led"),
    [
        ("/console/review?day=1", "/console/review?day=1"),
        ("/console", "/console"),
        ("https://evil.example", "/console"),
        ("//evil.example", "/console"),
        ("/console//evil.example", "/console"),
        ("/console\\evil", "/console"),
        ("/consolation", "/console"),
        ("/console/\r\nSet-Cookie: a=b", "/console"),
        ("", "/console"),
    ],
)
def test_a_link_leads_nowhere_else(told: str, led: str) -> None:
    assert inside(told) == led
