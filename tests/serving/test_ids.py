import uuid
from datetime import UTC, timedelta

from serving.ids import new_id, now


def milliseconds(text: str) -> int:
    return uuid.UUID(text).int >> 80


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = uuid.UUID(new_id())

    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_the_order_of_ids_is_the_order_of_time() -> None:
    # Within a millisecond chance decides, so a moment later means the next one.
    ids = [new_id()]
    while len(ids) < 20:
        if milliseconds(later := new_id()) > milliseconds(ids[-1]):
            ids.append(later)

    assert ids == sorted(ids)


def test_an_id_tells_when_it_was_made() -> None:
    before = now()

    made = milliseconds(new_id())

    after = now()
    assert int(before.timestamp() * 1000) <= made <= after.timestamp() * 1000


def test_no_id_comes_twice() -> None:
    ids = {new_id() for _ in range(10_000)}

    assert len(ids) == 10_000


def test_now_is_told_in_utc() -> None:
    assert now().tzinfo is UTC
    assert now().utcoffset() == timedelta(0)
