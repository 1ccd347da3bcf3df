from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from model.uses import CHALLENGER, CHAMPION, NOBODY, Use
from serving.bundles.uses import in_use_at, record_use
from serving.ids import new_id
from serving.store.bundle_tables import bundle_uses
from serving.store.database import open_store, reading, writing
from tests.databases import KINDS
from tests.databases import store as store_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = Use("sha256:a", CHAMPION, NOON, "ann", "it is better")


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with store_of(request.param, tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


def test_who_was_in_use_is_known_of_every_moment(engine: sa.Engine) -> None:
    hour = timedelta(hours=1)
    uses = [
        FIRST,
        Use("sha256:b", CHALLENGER, NOON + hour, "ann", "let us see"),
        Use("sha256:b", CHAMPION, NOON + 2 * hour, "ann", "as good as it looked"),
        Use(NOBODY, CHALLENGER, NOON + 2 * hour, "ann", "became the champion"),
    ]
    with writing(engine) as connection:
        for use in uses:
            record_use(connection, use, new_id())

    with reading(engine) as connection:
        told = [
            in_use_at(connection, role, NOON + hours * hour)
            for role in (CHAMPION, CHALLENGER)
            for hours in (-1, 0, 1, 2, 9)
        ]

    assert told == [
        None,
        *uses[:1] * 2,
        *uses[2:3] * 2,
        None,
        None,
        uses[1],
        *uses[3:] * 2,
    ]


def test_of_several_services_the_first_tells_a_use(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        record_use(connection, FIRST, "1")
        record_use(connection, replace(FIRST, since=NOON + timedelta(seconds=1)), "2")
        record_use(connection, replace(FIRST, role=CHALLENGER), "3")
        ids = connection.scalars(sa.select(bundle_uses.c.use_id)).all()

    assert sorted(ids) == ["1", "3"]


def test_a_bundle_that_comes_back_is_told_again(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        for number, bundle in enumerate(("sha256:a", "sha256:b", "sha256:a")):
            since = NOON + timedelta(minutes=number)
            record_use(
                connection, replace(FIRST, bundle_id=bundle, since=since), f"{number}"
            )
        last = in_use_at(connection, CHAMPION, NOON + timedelta(days=1))

    assert last is not None
    assert (last.bundle_id, last.since) == ("sha256:a", NOON + timedelta(minutes=2))
