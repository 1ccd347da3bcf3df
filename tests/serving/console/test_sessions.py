"""Sessions in the store."""

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.console.by import By
from serving.console.sessions import (
    IDLE,
    LONGEST,
    SEEN_EVERY,
    begin,
    end,
    new_token,
    seen,
    session_of,
)
from serving.console.users import add
from serving.console.viewer import Role, Viewer
from serving.ids import new_id
from serving.store.database import reading, writing
from serving.store.review_tables import user_sessions
from tests.serving.access.making import NOON

A_MOMENT = timedelta(seconds=1)
TOKEN = new_token()


@pytest.fixture
def opened(engine: sa.Engine) -> sa.Engine:
    """Return the store with a session of `TOKEN`, begun at noon."""
    with writing(engine) as connection:
        user = add(connection, "ann", Role.QA, By("x", lambda: NOON, new_id))
        begin(connection, user.user_id, TOKEN, NOON)
    return engine


def is_open(engine: sa.Engine, after: timedelta, token: str = TOKEN) -> bool:
    with reading(engine) as connection:
        return session_of(connection, token, NOON + after) is not None


def test_only_a_digest_of_the_token_is_kept(opened: sa.Engine) -> None:
    with reading(opened) as connection:
        [row] = connection.execute(sa.select(user_sessions)).all()

    assert row.token_digest == hashlib.sha256(TOKEN.encode()).hexdigest()
    assert TOKEN not in str(row)


def test_a_token_is_256_random_bits() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}


def test_a_session_says_who_it_is(opened: sa.Engine) -> None:
    with reading(opened) as connection:
        session = session_of(connection, TOKEN, NOON)

    assert session is not None
    viewer = session.viewer
    assert viewer == Viewer(viewer.user_id, "ann", Role.QA)
    assert viewer.actor == "user:ann"
    assert not is_open(opened, A_MOMENT, new_token())


def test_a_session_ends_when_nothing_is_done_for_a_day_of_work(
    opened: sa.Engine,
) -> None:
    assert is_open(opened, IDLE - A_MOMENT)
    assert not is_open(opened, IDLE)


def test_a_session_that_is_used_lasts_a_week_and_no_longer(opened: sa.Engine) -> None:
    passed = timedelta()
    while passed < LONGEST - IDLE:
        passed += IDLE - A_MOMENT
        assert is_open(opened, passed)
        with writing(opened) as connection:
            seen(connection, TOKEN, NOON + passed)

    assert is_open(opened, LONGEST - A_MOMENT)
    assert not is_open(opened, LONGEST)


def test_use_is_noted_now_and_then(opened: sa.Engine) -> None:
    with reading(opened) as connection:
        soon = session_of(connection, TOKEN, NOON + SEEN_EVERY - A_MOMENT)
        later = session_of(connection, TOKEN, NOON + SEEN_EVERY)

    assert soon is not None
    assert later is not None
    assert (soon.unseen, later.unseen) == (False, True)


def test_signing_out_ends_this_session_alone(opened: sa.Engine) -> None:
    other = new_token()
    with writing(opened) as connection:
        user_id = connection.scalar(sa.select(user_sessions.c.user_id))
        begin(connection, str(user_id), other, NOON)
        end(connection, TOKEN)

    assert not is_open(opened, A_MOMENT)
    assert is_open(opened, A_MOMENT, other)


def test_what_is_over_is_cleared_away(opened: sa.Engine) -> None:
    with writing(opened) as connection:
        user_id = connection.scalar(sa.select(user_sessions.c.user_id))
        begin(connection, str(user_id), new_token(), NOON + IDLE)

        rows = connection.scalar(sa.select(sa.func.count()).select_from(user_sessions))
    assert rows == 1
