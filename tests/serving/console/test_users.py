"""Users in the store."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from model.errors import SettingsError
from serving.access.audit import entries
from serving.console import users
from serving.console.by import By
from serving.console.sessions import begin, session_of
from serving.console.users import User, add, all_users, canonical
from serving.console.viewer import Role
from serving.ids import new_id
from serving.store.database import reading, writing
from tests.serving.access.making import NOON

ADMIN = By("user:root", lambda: NOON, new_id)


def added(engine: sa.Engine, name: str, role: Role = Role.QA) -> User:
    with writing(engine) as connection:
        return add(connection, name, role, ADMIN)


def audited(engine: sa.Engine) -> list[tuple[str, object]]:
    with reading(engine) as connection:
        return [(e.action, e.details["user"]) for e in entries(connection)]


def test_a_user_is_found_again_by_any_spelling(engine: sa.Engine) -> None:
    made = added(engine, " Ann@Example.com ", Role.ANALYST)

    with reading(engine) as connection:
        found = users.existing(connection, "ANN@example.com")
    assert found == made
    assert (found.name, found.role) == ("ann@example.com", Role.ANALYST)
    assert found.created_at == NOON
    assert audited(engine) == [("user.added", "ann@example.com")]


def test_a_name_is_given_once(engine: sa.Engine) -> None:
    added(engine, "ann")

    with pytest.raises(SettingsError, match="taken"):
        added(engine, "ANN")
    assert audited(engine) == [("user.added", "ann")]


@pytest.mark.parametrize("name", ["", " ", "-ann", "a n", "+12025550142", "a" * 101])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="name of a user"):
        canonical(name)


def test_the_last_admin_stays(engine: sa.Engine) -> None:
    added(engine, "ann", Role.ADMIN)
    added(engine, "bob", Role.QA)

    with pytest.raises(SettingsError, match="only admin"), writing(engine) as c:
        users.disable(c, "ann", ADMIN)
    with pytest.raises(SettingsError, match="only admin"), writing(engine) as c:
        users.set_role(c, "ann", Role.QA, ADMIN)
    with writing(engine) as connection:
        users.set_role(connection, "bob", Role.ADMIN, ADMIN)
        users.disable(connection, "ann", ADMIN)
    with pytest.raises(SettingsError, match="only admin"), writing(engine) as c:
        users.set_role(c, "bob", Role.QA, ADMIN)


def test_whoever_is_disabled_is_signed_out_and_comes_back(engine: sa.Engine) -> None:
    user = added(engine, "bob")
    with writing(engine) as connection:
        begin(connection, user.user_id, "token", NOON)
        users.disable(connection, "bob", ADMIN)
        users.disable(connection, "bob", ADMIN)
        assert session_of(connection, "token", NOON) is None
        users.enable(connection, "bob", ADMIN)
        # The session does not come back with the user.
        assert session_of(connection, "token", NOON) is None

    assert [action for action, _ in audited(engine)] == [
        "user.added",
        "user.disabled",
        "user.enabled",
    ]


def test_a_new_password_ends_the_sessions(engine: sa.Engine) -> None:
    user = added(engine, "bob")
    with writing(engine) as connection:
        begin(connection, user.user_id, "token", NOON)
        users.set_password(connection, "bob", "kept", ADMIN)

        assert session_of(connection, "token", NOON) is None
        found = users.existing(connection, "bob")
    assert found.password == "kept"  # noqa: S105 - stands for one


def test_the_list_tells_who_was_seen(engine: sa.Engine) -> None:
    user = added(engine, "bob")
    added(engine, "ann")
    later = NOON + timedelta(hours=1)
    with writing(engine) as connection:
        begin(connection, user.user_id, "one", NOON)
        begin(connection, user.user_id, "two", later)

    with reading(engine) as connection:
        found = all_users(connection)
    assert [(each.name, each.seen_at) for each in found] == [
        ("ann", None),
        ("bob", later),
    ]


def test_nobody_is_told_to_be_there(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        assert not users.anybody(connection)
        with pytest.raises(SettingsError, match="users list"):
            users.existing(connection, "ann")
    added(engine, "ann")
    with reading(engine) as connection:
        assert users.anybody(connection)


def test_what_is_kept_of_a_password_is_not_shown() -> None:
    user = User("1", "ann", Role.QA, NOON, "$argon2id$secret")

    assert "secret" not in repr(user)
