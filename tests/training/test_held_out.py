import io
from dataclasses import fields, replace

import numpy as np
import pytest

from training.held_out import HeldOut, Ruled, keys_of, pack, unpack

ROWS = 21_000


def held_out(rows: int, labels: int = 40, seed: int = 1) -> HeldOut:
    """Return predictions as a good model makes them: sure, and mostly right."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, rows)
    wrong = rng.random(rows) < 0.1
    feelings = rng.integers(-1, 3, rows)
    return HeldOut(
        intents=tuple(f"intent number {n}" for n in range(labels)),
        truth=truth,
        predicted=np.where(wrong, rng.integers(0, labels, rows), truth),
        confidence=rng.beta(5, 1, rows),
        ruled=rng.choice(np.array(list(Ruled)), rows, p=[0.9, 0.05, 0.01, 0.04]),
        sentiment=feelings,
        feeling=np.maximum(feelings, 0),
        key=keys_of([f"reply {n}" for n in range(rows)]),
    )


def test_what_was_packed_comes_back() -> None:
    kept = held_out(500)

    again = unpack(pack(kept))

    assert again.intents == kept.intents
    for field in fields(HeldOut):
        if field.name not in ("intents", "confidence"):
            assert np.array_equal(getattr(again, field.name), getattr(kept, field.name))
    assert again.confidence == pytest.approx(kept.confidence, abs=1e-5)
    assert again.key.dtype == np.uint32


def test_confidences_at_the_ends_stay_there() -> None:
    kept = replace(held_out(2), confidence=np.array([0.0, 1.0]))

    assert unpack(pack(kept)).confidence.tolist() == [0, 1]


def test_what_was_unpacked_packs_to_the_same_bytes() -> None:
    data = pack(held_out(500))

    assert pack(unpack(data)) == data


def test_a_large_file_of_replies_takes_less_than_250_kilobytes() -> None:
    assert len(pack(held_out(ROWS))) < 250_000


def test_no_text_is_in_the_file() -> None:
    kept = replace(held_out(1), key=keys_of(["where is my parcel"]))

    with np.load(io.BytesIO(pack(kept)), allow_pickle=False) as stored:
        told = b"".join(stored[name].tobytes() for name in stored)

    assert b"parcel" not in told


def saved(*, one: bool) -> bytes:
    stream = io.BytesIO()
    if one:
        np.save(stream, np.arange(3))
    else:
        np.savez(stream, keys=np.arange(3))
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        b"PK\x03\x04 no archive either",
        pack(held_out(9))[:200],
        saved(one=True),
        saved(one=False),
    ],
    ids=["empty", "text", "zip", "cut off", "one array", "other arrays"],
)
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="expected predictions of replies"):
        unpack(data)


def test_a_text_is_known_again_by_its_key() -> None:
    texts = ["stop", "STOP", "stop ", "\ud83d", "🙂"]

    keys = keys_of(texts)

    assert len(set(keys.tolist())) == len(texts)
    assert keys_of(texts[::-1]).tolist() == keys[::-1].tolist()


def test_hardly_any_two_of_many_texts_share_a_key() -> None:
    keys = keys_of([f"reply {n}" for n in range(ROWS)])

    assert len(set(keys.tolist())) >= ROWS - 2


def test_a_part_keeps_rows_together() -> None:
    kept = held_out(20)
    chosen = np.array([7, 0, 3])

    part = kept.part(chosen)

    assert part.intents == kept.intents
    for field in fields(HeldOut):
        if field.name != "intents":
            column = getattr(kept, field.name)[chosen]
            assert np.array_equal(getattr(part, field.name), column)


def test_marking_changes_who_settles_a_reply_and_nothing_else() -> None:
    kept = held_out(20)
    marks = np.full(20, Ruled.WRONGLY)

    told = kept.marked(marks)

    assert (told.ruled == Ruled.WRONGLY).all()
    assert pack(told.marked(kept.ruled)) == pack(kept)
