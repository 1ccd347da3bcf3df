from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from model.errors import SettingsError
from serving.access.api_key import ApiKey
from serving.access.audit import entries
from serving.access.keys import (
    OVERLAP,
    all_keys,
    find,
    keys_exist,
    note_uses,
    revoke,
    rotate,
)
from serving.access.new_key import NewKey
from serving.access.scope import Scope
from serving.access.secret import Token
from serving.ids import new_id
from serving.store.access_tables import api_keys
from serving.store.database import reading, writing
from tests.serving.access.making import NOON, ROUTE, made

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
FULL = NewKey(
    "billing of acme",
    frozenset({Scope.ROUTE, Scope.LEDGER}),
    frozenset({"acme_alerts", "acme_offers"}),
    per_minute=60,
    lifetime=30 * DAY,
)


def found(engine: sa.Engine, token: Token) -> ApiKey:
    with reading(engine) as connection:
        key = find(connection, token.key_id)
    assert key
    return key


def rotated(
    engine: sa.Engine, token: Token, at: datetime, overlap: timedelta = OVERLAP
) -> Token:
    with writing(engine) as connection:
        return rotate(
            connection,
            token.key_id,
            actor="operator:ann",
            now=lambda: at,
            new_id=new_id,
            overlap=overlap,
        )


def revoked(engine: sa.Engine, key_id: str, at: datetime = NOON) -> None:
    with writing(engine) as connection:
        revoke(connection, key_id, actor="operator:ann", now=lambda: at, new_id=new_id)


def test_a_key_is_found_as_it_was_made(engine: sa.Engine) -> None:
    token = made(engine, FULL)

    key = found(engine, token)
    assert (key.name, key.scopes, key.programs) == (
        FULL.name,
        FULL.scopes,
        FULL.programs,
    )
    assert (key.per_minute, key.created_at) == (60, NOON)
    assert key.expires_at == NOON + 30 * DAY
    assert (key.revoked_at, key.last_used_at, key.previous_digest) == (None, None, None)


def test_moments_of_other_zones_are_kept_as_instants(engine: sa.Engine) -> None:
    east = NOON.astimezone(timezone(timedelta(hours=9)))

    assert found(engine, made(engine, at=east)).created_at == NOON


def test_nothing_in_the_store_or_a_repr_holds_the_secret(engine: sa.Engine) -> None:
    token = made(engine)
    token = rotated(engine, token, NOON)

    with reading(engine) as connection:
        stored = str(connection.execute(sa.select(api_keys)).all())
        audited = str(entries(connection))
    key = found(engine, token)
    for text in (stored, audited, repr(key)):
        assert token.secret not in text
    for text in (audited, repr(key)):
        assert key.secret_digest not in text


def test_a_key_opens_with_its_own_secret_alone(engine: sa.Engine) -> None:
    token, other = made(engine), made(engine)

    key = found(engine, token)
    assert key.opens_with(token.secret, NOON)
    assert not key.opens_with(other.secret, NOON)
    assert not key.opens_with("", NOON)


def test_the_old_secret_opens_until_the_overlap_ends(engine: sa.Engine) -> None:
    old = made(engine)
    new = rotated(engine, old, NOON, overlap=DAY)

    key = found(engine, new)
    assert new.key_id == old.key_id
    assert key.opens_with(new.secret, NOON + 99 * DAY)
    assert key.opens_with(old.secret, NOON + DAY - SECOND)
    assert not key.opens_with(old.secret, NOON + DAY)


def test_without_overlap_the_old_secret_ends_at_once(engine: sa.Engine) -> None:
    old = made(engine)
    new = rotated(engine, old, NOON, overlap=timedelta(0))

    assert not found(engine, new).opens_with(old.secret, NOON)


def test_a_second_rotation_ends_the_oldest_secret(engine: sa.Engine) -> None:
    first = made(engine)
    second = rotated(engine, first, NOON)
    third = rotated(engine, second, NOON + SECOND)

    key = found(engine, third)
    opens = [key.opens_with(t.secret, NOON + SECOND) for t in (first, second, third)]
    assert opens == [False, True, True]


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), 31 * DAY])
def test_an_overlap_that_cannot_be_meant_is_refused(
    engine: sa.Engine, overlap: timedelta
) -> None:
    token = made(engine)

    with pytest.raises(SettingsError, match="0 to 720 hours"):
        rotated(engine, token, NOON, overlap=overlap)


def test_a_key_that_ended_gets_no_new_secret(engine: sa.Engine) -> None:
    gone, over = made(engine), made(engine, replace(ROUTE, lifetime=DAY))
    revoked(engine, gone.key_id)

    for token in (gone, over):
        with pytest.raises(SettingsError, match="revoked or has expired"):
            rotated(engine, token, NOON + DAY)


def test_a_revocation_stays_and_keeps_its_first_moment(engine: sa.Engine) -> None:
    token = made(engine)
    revoked(engine, token.key_id)
    revoked(engine, token.key_id, NOON + DAY)

    assert found(engine, token).revoked_at == NOON
    with reading(engine) as connection:
        assert keys_exist(connection)
        assert len(entries(connection, action="key.revoked")) == 1


def test_an_unknown_key_is_named_nowhere(engine: sa.Engine) -> None:
    whole = Token("0123456789ab", "s" * 43).reveal()

    with pytest.raises(SettingsError) as told:
        revoked(engine, whole)

    assert whole not in str(told.value)
    assert "keys list" in str(told.value)


def test_keys_are_listed_in_the_order_they_were_made(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        assert not keys_exist(connection)
        assert all_keys(connection) == []
    tokens = [made(engine, at=NOON + n * SECOND) for n in range(3)]

    with reading(engine) as connection:
        listed = [key.key_id for key in all_keys(connection)]
    assert listed == [token.key_id for token in tokens]


def test_a_scope_of_a_later_version_opens_nothing(engine: sa.Engine) -> None:
    token = made(engine)
    with writing(engine) as connection:
        connection.execute(sa.update(api_keys).values(scopes="everything route"))

    assert found(engine, token).scopes == {Scope.ROUTE}


def test_the_last_use_only_moves_forward(engine: sa.Engine) -> None:
    token = made(engine)
    with writing(engine) as connection:
        note_uses(connection, {token.key_id: NOON + SECOND, "unknown": NOON})
        note_uses(connection, {token.key_id: NOON})

    assert found(engine, token).last_used_at == NOON + SECOND


def test_every_change_is_audited_with_its_actor(engine: sa.Engine) -> None:
    token = made(engine, FULL)
    rotated(engine, token, NOON + SECOND, overlap=DAY)
    revoked(engine, token.key_id, NOON + DAY)

    with reading(engine) as connection:
        told = [(e.action, e.actor, dict(e.details)) for e in entries(connection)]
    until = (NOON + SECOND + DAY).isoformat()
    details: list[dict[str, object]] = [
        {
            "scopes": ["ledger", "route"],
            "programs": ["acme_alerts", "acme_offers"],
            "per_minute": 60,
            "expires_at": (NOON + 30 * DAY).isoformat(),
        },
        {"previous_until": until},
        {},
    ]
    assert told == [
        (f"key.{done}", "operator:ann", {"key_id": token.key_id, **more})
        for done, more in zip(("created", "rotated", "revoked"), details, strict=True)
    ]


def test_a_change_that_fails_leaves_no_trace_of_itself(engine: sa.Engine) -> None:
    token = made(engine)

    def change() -> None:
        with writing(engine) as connection:
            revoke(connection, token.key_id, actor="x", now=lambda: NOON, new_id=new_id)
            raise KeyError

    with pytest.raises(KeyError):
        change()

    assert found(engine, token).revoked_at is None
    with reading(engine) as connection:
        assert entries(connection, action="key.revoked") == []
