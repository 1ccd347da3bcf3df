"""The Users page, for admins."""

import pytest

from serving.access.audit import entries
from serving.console.users import all_users
from serving.console.viewer import Role
from serving.store.database import reading
from tests.serving.console.desk import Desk


@pytest.fixture
def admin(at_desk: Desk) -> Desk:
    """Return an admin at the console, a reviewer beside them."""
    at_desk.sign_in("qa", "bob")
    at_desk.sign_in("admin", "ann")
    return at_desk


def people(at: Desk) -> dict[str, tuple[Role, bool]]:
    with reading(at.engine) as connection:
        found = all_users(connection)
    return {user.name: (user.role, user.disabled_at is None) for user in found}


def test_everybody_is_shown(admin: Desk) -> None:
    page = admin.get("/console/users").text

    assert "bob" in page
    assert page.count("active</span>") == 2
    assert 'aria-label="Disable bob"' in page


def test_a_role_is_changed_and_audited(admin: Desk) -> None:
    answer = admin.post("/console/users/role", name="bob", role="analyst")

    assert answer.status_code == 303
    assert people(admin)["bob"] == (Role.ANALYST, True)
    assert "bob is analyst now." in admin.get("/console/users").text
    with reading(admin.engine) as connection:
        last = entries(connection)[-1]
    assert (last.actor, last.action) == ("user:ann", "user.role_changed")
    assert last.details["to"] == "analyst"


def test_somebody_is_disabled_and_let_in_again(admin: Desk) -> None:
    admin.post("/console/users/disable", name="bob")
    assert people(admin)["bob"] == (Role.QA, False)
    assert 'aria-label="Let in again: bob"' in admin.get("/console/users").text

    admin.post("/console/users/enable", name="bob")
    assert people(admin)["bob"] == (Role.QA, True)


@pytest.mark.parametrize(
    ("call", "form", "problem"),
    [
        ("disable", {"name": "ann"}, "only admin"),
        ("role", {"name": "ann", "role": "qa"}, "only admin"),
        ("role", {"name": "bob", "role": "boss"}, "expected one of qa, analyst, admin"),
        ("enable", {"name": "nobody"}, "expected one that is there"),
    ],
)
def test_what_cannot_be_is_said(
    admin: Desk, call: str, form: dict[str, str], problem: str
) -> None:
    before = people(admin)

    answer = admin.post(f"/console/users/{call}", **form)
    assert answer.status_code == 422
    assert problem in answer.text
    assert people(admin) == before
