"""One's own password."""

import pytest

from serving import ids
from serving.console.by import By
from serving.console.passwords import fits, hashed
from serving.console.users import add, by_name
from serving.console.viewer import Role
from serving.store.database import reading, writing
from tests.serving.console.desk import HOST, SESSION_COOKIE, Desk
from tests.serving.console.test_sign_in import CHEAP, PHRASE

NEW = "another horse, another day"
CHANGE = "/console/account/password"


@pytest.fixture
def ann(quick_desk: Desk) -> Desk:
    """Return Ann at the console, signed in."""
    with writing(quick_desk.engine) as connection:
        by = By("operator:test", ids.now, ids.new_id)
        add(connection, "ann", Role.QA, by, password=hashed(PHRASE, CHEAP))
    quick_desk.sign_in("qa", "ann")
    return quick_desk


def opens(at: Desk, phrase: str) -> bool:
    with reading(at.engine) as connection:
        user = by_name(connection, "ann")
    return user is not None and fits(phrase, user.password)


def test_a_password_is_changed_and_other_sessions_end(ann: Desk) -> None:
    elsewhere = ann.client.cookies[SESSION_COOKIE]
    ann.sign_in("qa", "ann")

    answer = ann.post(CHANGE, current=PHRASE, new=NEW, again=NEW)

    assert answer.status_code == 303
    assert opens(ann, NEW)
    assert not opens(ann, PHRASE)
    assert "Your password is changed" in ann.get("/console/account").text
    ann.client.cookies.set(SESSION_COOKIE, elsewhere, domain=HOST)
    assert ann.get("/console/account").status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "problem"),
    [
        ("wrong", NEW, NEW, "The current password is wrong."),
        (PHRASE, NEW, f"{NEW}!", "not the same both times"),
        (PHRASE, "short", "short", "expected 15 to 256 characters"),
    ],
)
def test_a_password_stays_where_something_is_wrong(
    ann: Desk, current: str, new: str, again: str, problem: str
) -> None:
    answer = ann.post(CHANGE, current=current, new=new, again=again)

    assert answer.status_code == 422
    assert problem in answer.text
    assert opens(ann, PHRASE)


def test_whom_a_provider_signs_in_has_no_password_here(quick_desk: Desk) -> None:
    quick_desk.sign_in("qa")

    page = quick_desk.get("/console/account").text
    assert "the provider" in page
    assert 'type="password"' not in page
    refused = quick_desk.post(CHANGE, current="", new=NEW, again=NEW)
    assert refused.status_code == 422
