"""Who is signed in.

A browser holds 32 random bytes; the store holds their SHA-256 and nothing that would
open a session. A session ends after 8 hours in which nothing was done, after 7 days
whatever was done, at sign-out, and when the user is disabled or gets another password.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from serving.access.secret import SECRET_BYTES, digest_of
from serving.console.viewer import Role, Viewer
from serving.store.review_tables import user_sessions, users

IDLE = timedelta(hours=8)
"""A working day."""

LONGEST = timedelta(days=7)

SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when someone was last there: each look would be a write."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is open, and whether it is time to note that it is used."""

    viewer: Viewer
    unseen: bool


def new_token(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return what only the browser holds: 256 random bits, fit for a cookie."""
    return urlsafe_b64encode(random(SECRET_BYTES)).rstrip(b"=").decode()


def begin(connection: sa.Connection, user_id: str, token: str, now: datetime) -> None:
    """Open a session of a user; those whose time is over go."""
    moment = now.astimezone(UTC)
    table = user_sessions.c
    over = (table.expires_at <= moment) | (table.seen_at <= moment - IDLE)
    connection.execute(sa.delete(user_sessions).where(over))
    connection.execute(
        sa.insert(user_sessions).values(
            token_digest=digest_of(token),
            user_id=user_id,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + LONGEST,
        )
    )


def session_of(connection: sa.Connection, token: str, now: datetime) -> Session | None:
    """Return the session that `token` opens; None where it opens none any more."""
    moment = now.astimezone(UTC)
    table = user_sessions.c
    row = connection.execute(
        sa.select(users.c.user_id, users.c.name, users.c.role, table.seen_at)
        .join_from(user_sessions, users, users.c.user_id == table.user_id)
        .where(
            table.token_digest == digest_of(token),
            table.expires_at > moment,
            table.seen_at > moment - IDLE,
            users.c.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    # SQLite keeps no zone; everything is written in UTC.
    seen = row.seen_at if row.seen_at.tzinfo else row.seen_at.replace(tzinfo=UTC)
    viewer = Viewer(row.user_id, row.name, Role(row.role))
    return Session(viewer, unseen=moment - seen >= SEEN_EVERY)


def seen(connection: sa.Connection, token: str, now: datetime) -> None:
    """Note that a session is used."""
    connection.execute(
        sa.update(user_sessions)
        .where(user_sessions.c.token_digest == digest_of(token))
        .values(seen_at=now.astimezone(UTC))
    )


def end(connection: sa.Connection, token: str) -> None:
    """Close the session that `token` opens."""
    connection.execute(
        sa.delete(user_sessions).where(user_sessions.c.token_digest == digest_of(token))
    )
