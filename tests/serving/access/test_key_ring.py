import asyncio

import pytest
import sqlalchemy as sa

from model.errors import StoreError
from serving.access.key_ring import USES_SECONDS, KeyRing, Keys
from serving.access.keys import find
from serving.store.database import reading, writing
from tests.serving.access.making import NOON, Clock, made


def test_many_who_wait_cost_one_reading(engine: sa.Engine) -> None:
    token = made(engine)
    queries: list[str] = []
    sa.event.listen(
        engine, "before_cursor_execute", lambda *told: queries.append(str(told[2]))
    )

    async def all_at_once() -> list[Keys]:
        ring = KeyRing(engine)
        return await asyncio.gather(*(ring.keys() for _ in range(50)))

    found = asyncio.run(all_at_once())

    assert all(token.key_id in keys.by_id for keys in found)
    assert len([query for query in queries if "api_keys" in query]) == 1


def test_whoever_gives_up_stops_nobody_else(engine: sa.Engine) -> None:
    async def one_leaves() -> Keys:
        ring = KeyRing(engine)
        leaving, staying = (asyncio.create_task(ring.keys()) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    assert asyncio.run(one_leaves()).none_exists


def test_a_failure_is_told_to_all_and_tried_again(engine: sa.Engine) -> None:
    async def fail_then_work() -> Keys:
        ring = KeyRing(engine)
        _rename(engine, "api_keys", "gone")
        told = await asyncio.gather(
            *(ring.keys() for _ in range(3)), return_exceptions=True
        )
        assert {type(each) for each in told} == {StoreError}
        _rename(engine, "gone", "api_keys")
        return await ring.keys()

    assert asyncio.run(fail_then_work()).none_exists


def test_a_last_use_that_cannot_be_written_stops_nobody(
    engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    token, clock = made(engine), Clock()

    async def use() -> None:
        ring = KeyRing(engine, clock=clock)
        clock.seconds += USES_SECONDS
        _rename(engine, "api_keys", "gone")
        ring.used(token.key_id, NOON)
        # A thread writes it, and tells nobody else.
        while "were not noted" not in caplog.text:  # noqa: ASYNC110 - as said
            await asyncio.sleep(0.01)
        _rename(engine, "gone", "api_keys")
        ring.used(token.key_id, NOON)
        ring.write_uses()

    asyncio.run(asyncio.wait_for(use(), 30))

    with reading(engine) as connection:
        key = find(connection, token.key_id)
    assert key
    assert key.last_used_at == NOON


def _rename(engine: sa.Engine, name: str, new: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {new}")
