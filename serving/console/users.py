"""The people who work in the console. Every change is audited where it is made.

Nobody is ever removed, only disabled: reviews and the audit name them.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from model.errors import SettingsError
from serving.access.audit import Value
from serving.console.by import By
from serving.console.viewer import Role
from serving.store.moments import aware
from serving.store.review_tables import user_sessions, users

_NAME = re.compile(r"[^\W_][\w.@+-]{0,99}")
_NUMBER = re.compile(r"\+?\d{7,}")


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may work in the console; moments are aware.

    Attributes:
        name: what they sign in with, in lower case.
        password: what is kept of it; None for those whom a provider signs in.
        subject: issuer and subject of OpenID Connect, with a space between.
        seen_at: when they last did something while signed in; None where they are not.
    """

    user_id: str
    name: str
    role: Role
    created_at: datetime
    password: str | None = field(default=None, repr=False)
    subject: str | None = None
    disabled_at: datetime | None = None
    seen_at: datetime | None = None


def folded(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return name.strip().casefold()


def canonical(name: str) -> str:
    """Return a name as it is kept.

    Raises:
        SettingsError: it cannot be a name.
    """
    name = folded(name)
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name):
        raise SettingsError(
            "name of a user: expected 1 to 100 letters, digits and . @ + - _, a letter "
            "or digit first, and no telephone number: ann, ann@example.com"
        )
    return name


def add(
    connection: sa.Connection,
    name: str,
    role: Role,
    by: By,
    *,
    password: str | None = None,
    subject: str | None = None,
) -> User:
    """Make a user and return it; `password` is what is kept of one.

    Raises:
        SettingsError: the name cannot be one, or is another's.
    """
    name = canonical(name)
    if by_name(connection, name) is not None:
        raise SettingsError(
            f"user {name}: expected a new name, got one that is taken; "
            "`replywise users list` shows all, the disabled ones too"
        )
    user = User(by.new_id(), name, role, by.now().astimezone(UTC), password, subject)
    connection.execute(
        sa.insert(users).values(
            user_id=user.user_id,
            name=name,
            role=role.value,
            password=password,
            subject=subject,
            created_at=user.created_at,
        )
    )
    details: dict[str, Value] = {"role": role.value, "by_provider": subject is not None}
    _audit(connection, by, "user.added", user, details)
    return user


def set_role(connection: sa.Connection, name: str, role: Role, by: By) -> None:
    """Give a user another role, in the sessions that are open as well.

    Raises:
        SettingsError: there is no such user, or nobody would be admin any more.
    """
    user = existing(connection, name)
    if user.role is not role:
        _keep_an_admin(connection, user)
    follow_role(connection, user, role, by)


def follow_role(connection: sa.Connection, user: User, role: Role, by: By) -> User:
    """Return the user in the role that their provider gives them, whoever is left."""
    if user.role is role:
        return user
    _change(connection, user, role=role.value)
    details: dict[str, Value] = {"from": user.role.value, "to": role.value}
    _audit(connection, by, "user.role_changed", user, details)
    return replace(user, role=role)


def disable(connection: sa.Connection, name: str, by: By) -> None:
    """Let a user in no more and end their sessions; again it changes nothing.

    Raises:
        SettingsError: there is no such user, or nobody would be admin any more.
    """
    user = existing(connection, name)
    if user.disabled_at is not None:
        return
    _keep_an_admin(connection, user)
    _change(connection, user, disabled_at=by.now().astimezone(UTC))
    end_sessions(connection, user.user_id)
    _audit(connection, by, "user.disabled", user)


def enable(connection: sa.Connection, name: str, by: By) -> None:
    """Let a disabled user in again; SettingsError where there is no such user."""
    user = existing(connection, name)
    if user.disabled_at is None:
        return
    _change(connection, user, disabled_at=None)
    _audit(connection, by, "user.enabled", user)


def set_password(connection: sa.Connection, name: str, password: str, by: By) -> None:
    """Keep another password of a user, as `hashed` made it; their sessions end.

    Raises:
        SettingsError: there is no such user.
    """
    user = existing(connection, name)
    _change(connection, user, password=password)
    end_sessions(connection, user.user_id)
    _audit(connection, by, "user.password_changed", user)


def keep_password(connection: sa.Connection, user: User, password: str) -> None:
    """Keep the password that a user has as today's parameters hash it."""
    _change(connection, user, password=password)


def end_sessions(connection: sa.Connection, user_id: str) -> None:
    """Sign a user out everywhere."""
    connection.execute(
        sa.delete(user_sessions).where(user_sessions.c.user_id == user_id)
    )


def existing(connection: sa.Connection, name: str) -> User:
    """Return the user called `name`; SettingsError where there is none."""
    found = by_name(connection, canonical(name))
    if found is None:
        raise SettingsError(
            f"user {name}: expected one that is there; `replywise users list` shows all"
        )
    return found


def by_name(connection: sa.Connection, name: str) -> User | None:
    """Return the user of a canonical name."""
    return _one(connection, users.c.name == name)


def by_subject(connection: sa.Connection, subject: str) -> User | None:
    """Return whom a provider calls so."""
    return _one(connection, users.c.subject == subject)


def all_users(connection: sa.Connection) -> list[User]:
    """Return everybody, by name."""
    seen = (
        sa.select(sa.func.max(user_sessions.c.seen_at))
        .where(user_sessions.c.user_id == users.c.user_id)
        .scalar_subquery()
        .label("seen_at")
    )
    rows = connection.execute(sa.select(users, seen).order_by(users.c.name))
    return [_user(row, row.seen_at) for row in rows]


def anybody(connection: sa.Connection) -> bool:
    """Return whether there is any user at all, be they disabled."""
    return connection.execute(sa.select(users.c.user_id).limit(1)).first() is not None


def _one(connection: sa.Connection, which: sa.ColumnElement[bool]) -> User | None:
    row = connection.execute(sa.select(users).where(which)).one_or_none()
    return None if row is None else _user(row)


def _keep_an_admin(connection: sa.Connection, user: User) -> None:
    if user.role is not Role.ADMIN or user.disabled_at is not None:
        return
    others = sa.select(users.c.user_id).where(
        users.c.role == Role.ADMIN.value,
        users.c.disabled_at.is_(None),
        users.c.user_id != user.user_id,
    )
    if connection.execute(others.limit(1)).first() is None:
        raise SettingsError(
            f"user {user.name} is the only admin; make another one first"
        )


def _change(connection: sa.Connection, user: User, **values: object) -> None:
    connection.execute(
        sa.update(users).where(users.c.user_id == user.user_id).values(**values)
    )


def _audit(
    connection: sa.Connection,
    by: By,
    action: str,
    user: User,
    details: dict[str, Value] | None = None,
) -> None:
    told = {"user_id": user.user_id, "user": user.name, **(details or {})}
    by.note(connection, action, told, kind="user")


def _user(row: sa.Row[Any], seen_at: datetime | None = None) -> User:
    return User(
        user_id=row.user_id,
        name=row.name,
        role=Role(row.role),
        created_at=aware(row.created_at),
        password=row.password,
        subject=row.subject,
        disabled_at=row.disabled_at and aware(row.disabled_at),
        seen_at=seen_at and aware(seen_at),
    )
