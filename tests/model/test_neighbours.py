import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.neighbours import NEAREST, Neighbours, unpack

INTENTS = ("order_status", "refund")
AXES = np.eye(4, 3, dtype=np.float32)
"""Embeddings of four dimensions, of which the fourth is dropped."""


def stored(*rows: tuple[str, str, int, list[int]]) -> Neighbours:
    ids, texts, codes, vectors = zip(*rows, strict=True)
    return Neighbours(
        ids=ids,
        texts=texts,
        codes=np.array(codes),
        intents=INTENTS,
        vectors=np.array(vectors, dtype=np.int8),
        projection=AXES,
    )


FEW = stored(
    ("r1", "where is it", 0, [127, 0, 0]),
    ("r2", "wheres my box", 0, [100, 50, 0]),
    ("r3", "money back", 1, [0, 127, 0]),
)


def towards(*place: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(place, dtype=np.float32)


def test_the_nearest_by_angle_comes_first() -> None:
    found = FEW.nearest(towards(1, 0.1, 0, 0))

    assert [one.reply_id for one in found] == ["r1", "r2", "r3"]
    assert [one.intent for one in found] == ["order_status", "order_status", "refund"]
    assert found[0].text == "where is it"
    assert found[0].similarity == pytest.approx(1 / np.hypot(1, 0.1))


def test_length_and_dropped_dimensions_do_not_count() -> None:
    near, far = FEW.nearest(towards(1, 1, 0, 0)), FEW.nearest(towards(9, 9, 0, 5))

    assert [one.reply_id for one in near] == [one.reply_id for one in far]
    assert [one.similarity for one in near] == pytest.approx(
        [one.similarity for one in far]
    )


def test_as_many_are_shown_as_help() -> None:
    many = stored(*((f"r{n}", "hi", 0, [127, n, 0]) for n in range(20)))

    found = many.nearest(towards(1, 0, 0, 0))

    assert [one.reply_id for one in found] == [f"r{n}" for n in range(NEAREST)]


def test_what_has_no_direction_is_near_nothing() -> None:
    found = FEW.nearest(towards(0, 0, 0, 1))

    assert {one.similarity for one in found} == {0.0}


def test_packing_keeps_everything_and_gives_the_same_bytes() -> None:
    again = unpack(FEW.pack(), INTENTS)

    place = towards(0.3, 0.7, 0.1, 0)
    assert again.nearest(place) == FEW.nearest(place)
    assert again.pack() == FEW.pack()


@given(text=st.text())
def test_whatever_was_written_survives_the_file(text: str) -> None:
    one = stored((text, text, 1, [1, 2, 3]))

    again = unpack(one.pack(), INTENTS)

    assert (again.ids, again.texts) == ((text,), (text,))


def spoiled(**arrays: object) -> bytes:
    with np.load(io.BytesIO(FEW.pack())) as stored:
        whole = dict(stored)
    file = io.BytesIO()
    for name, value in (whole | arrays).items():
        whole[name] = np.asarray(value)
    np.savez(file, allow_pickle=True, **whole)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        FEW.pack()[:-40],
        spoiled(ids=np.frombuffer(b'["r1"]', dtype=np.uint8)),
        spoiled(texts=np.frombuffer(b'["a", ', dtype=np.uint8)),
        spoiled(codes=[0, 1]),
        spoiled(codes=[0, 1, 2]),
        spoiled(vectors=[[1.0, 0, 0]] * 3),
        spoiled(vectors=np.zeros(3, dtype=np.int8)),
        spoiled(projection=np.eye(4)),
        spoiled(projection=np.array(None)),
    ],
)
def test_what_does_not_fit_together_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - numpy words it, load_bundle adds to it
        unpack(data, INTENTS)


def test_a_file_without_a_part_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, ids=np.frombuffer(b"[]", dtype=np.uint8))

    with pytest.raises(ValueError, match="expected labelled replies"):
        unpack(file.getvalue(), INTENTS)
