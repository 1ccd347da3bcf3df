"""Keys in the store. Every change is audited in the transaction that makes it.

A key is never removed, only revoked: who had access stays on the record, and a service
that was closed by its first key does not open again when the last one goes.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from model.errors import SettingsError
from serving.access.api_key import ApiKey
from serving.access.audit import Value, record
from serving.access.new_key import NewKey
from serving.access.scope import Scope
from serving.access.secret import Token, digest_of
from serving.store.access_tables import api_keys
from serving.store.moments import aware

OVERLAP = timedelta(hours=24)
"""How long the old secret opens after a rotation, where nothing else is said."""

LONGEST_OVERLAP = timedelta(days=30)


def create(
    connection: sa.Connection,
    wanted: NewKey,
    *,
    actor: str,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Token:
    """Make a key and return its token: the only time that its secret is known."""
    token = Token.new(random)
    created_at = now().astimezone(UTC)
    expires_at = created_at + wanted.lifetime if wanted.lifetime else None
    connection.execute(
        sa.insert(api_keys).values(
            key_id=token.key_id,
            name=wanted.name,
            secret_digest=digest_of(token.secret),
            scopes=_words(wanted.scopes),
            programs=_words(wanted.programs),
            per_minute=wanted.per_minute,
            created_at=created_at,
            expires_at=expires_at,
        )
    )
    details: dict[str, Value] = {
        "key_id": token.key_id,
        "scopes": sorted(wanted.scopes),
        "programs": sorted(wanted.programs),
        "per_minute": wanted.per_minute,
        "expires_at": expires_at.isoformat() if expires_at else None,
    }
    record(
        connection,
        actor=actor,
        action="key.created",
        now=now,
        new_id=new_id,
        details=details,
    )
    return token


def rotate(
    connection: sa.Connection,
    key_id: str,
    *,
    actor: str,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    overlap: timedelta = OVERLAP,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Token:
    """Give a key a new secret; the one before opens for `overlap` longer.

    A second rotation within the overlap ends the oldest of the three at once.

    Raises:
        SettingsError: there is no such key, it is revoked or over, or the overlap is
            longer than 30 days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise SettingsError("overlap of a rotation: expected 0 to 720 hours")
    moment = now().astimezone(UTC)
    key = _existing(connection, key_id)
    if key.revoked_at or key.expired(moment):
        raise SettingsError(
            f"key {key_id} is revoked or has expired; make a new one with "
            "`replywise keys create`"
        )
    token = Token.new(random, key_id=key_id)
    until = moment + overlap
    _change(
        connection,
        key_id,
        secret_digest=digest_of(token.secret),
        previous_digest=key.secret_digest,
        previous_until=until,
    )
    record(
        connection,
        actor=actor,
        action="key.rotated",
        now=now,
        new_id=new_id,
        details={"key_id": key_id, "previous_until": until.isoformat()},
    )
    return token


def revoke(
    connection: sa.Connection,
    key_id: str,
    *,
    actor: str,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
) -> None:
    """End a key for good; ending it again changes nothing.

    Raises:
        SettingsError: there is no such key.
    """
    if _existing(connection, key_id).revoked_at:
        return
    _change(connection, key_id, revoked_at=now().astimezone(UTC))
    record(
        connection,
        actor=actor,
        action="key.revoked",
        now=now,
        new_id=new_id,
        details={"key_id": key_id},
    )


def find(connection: sa.Connection, key_id: str) -> ApiKey | None:
    """Return the key called `key_id`, revoked or not; None where there is none."""
    wanted = sa.select(api_keys).where(api_keys.c.key_id == key_id)
    row = connection.execute(wanted).one_or_none()
    return _key_of(row) if row else None


def all_keys(connection: sa.Connection) -> list[ApiKey]:
    """Return every key, revoked ones included, oldest first."""
    wanted = sa.select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
    return [_key_of(row) for row in connection.execute(wanted)]


def keys_exist(connection: sa.Connection) -> bool:
    """Return whether the store holds any key, be it revoked: then it is closed."""
    return connection.scalar(sa.select(api_keys.c.key_id).limit(1)) is not None


def note_uses(connection: sa.Connection, uses: Mapping[str, datetime]) -> None:
    """Write when keys were last used; a moment before the one known is ignored."""
    last = api_keys.c.last_used_at
    for key_id, moment in sorted(uses.items()):
        at = moment.astimezone(UTC)
        connection.execute(
            sa.update(api_keys)
            .where(api_keys.c.key_id == key_id, last.is_(None) | (last < at))
            .values(last_used_at=at)
        )


def _existing(connection: sa.Connection, key_id: str) -> ApiKey:
    key = find(connection, key_id)
    if key is None:
        # What was given may be a whole key with its secret: it is not repeated.
        raise SettingsError(
            "key id: expected one that `replywise keys list` shows, got another"
        )
    return key


def _change(connection: sa.Connection, key_id: str, **values: object) -> None:
    connection.execute(
        sa.update(api_keys).where(api_keys.c.key_id == key_id).values(**values)
    )


def _key_of(row: sa.Row[Any]) -> ApiKey:
    known = {scope.value for scope in Scope}
    return ApiKey(
        key_id=row.key_id,
        name=row.name,
        # A scope of a later version opens nothing here.
        scopes=frozenset(Scope(word) for word in row.scopes.split() if word in known),
        programs=frozenset(row.programs.split()),
        per_minute=row.per_minute,
        created_at=aware(row.created_at),
        secret_digest=row.secret_digest,
        previous_digest=row.previous_digest,
        previous_until=row.previous_until and aware(row.previous_until),
        expires_at=row.expires_at and aware(row.expires_at),
        revoked_at=row.revoked_at and aware(row.revoked_at),
        last_used_at=row.last_used_at and aware(row.last_used_at),
    )


def _words(values: frozenset[Scope] | frozenset[str]) -> str:
    return " ".join(sorted(values))
