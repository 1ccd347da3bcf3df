import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from model.neighbours import unpack
from model.prediction import Floats
from training.neighbours import DIMENSIONS, MOST, neighbours

INTENTS = ("cancel", "order_status", "refund")


def labelled(counts: dict[str, int]) -> pd.DataFrame:
    rows = [
        (f"{name}-{n}", name) for name, count in counts.items() for n in range(count)
    ]
    return pd.DataFrame(
        {
            "id": [told for told, _ in rows],
            "text": [f"text of {told}" for told, _ in rows],
            "intent": [name for _, name in rows],
        }
    )


def around(replies: pd.DataFrame, dim: int = 32, spread: float = 0.8) -> Floats:
    """Return embeddings that lie around one place for each intent."""
    rng = np.random.default_rng(5)
    places = {name: rng.normal(size=dim) for name in INTENTS}
    rows = np.stack([places[name] for name in replies["intent"]])
    rows = rows + spread * rng.normal(size=rows.shape)
    return of_length_one(rows)


def of_length_one(rows: NDArray[np.float64]) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_a_reply_is_its_own_nearest_neighbour() -> None:
    replies = labelled({"cancel": 30, "order_status": 50, "refund": 5})
    embeddings = around(replies)

    stored = unpack(neighbours(embeddings, replies, INTENTS), INTENTS)

    for row, reply in enumerate(replies.itertuples()):
        nearest = stored.nearest(embeddings[row])[0]
        assert (nearest.reply_id, nearest.text, nearest.intent) == (
            reply.id,
            reply.text,
            reply.intent,
        )
        assert nearest.similarity == pytest.approx(1, abs=1e-3)


def test_no_intent_gets_more_than_its_share() -> None:
    many = labelled({"order_status": 3 * MOST // len(INTENTS), "refund": 20})

    stored = unpack(neighbours(around(many), many, INTENTS), INTENTS)

    counts = np.bincount(stored.codes, minlength=3).tolist()
    assert counts[0] == 0
    assert 0 < counts[1] <= MOST // len(INTENTS)
    assert counts[2] == 20


def test_the_same_reply_many_times_is_kept_once() -> None:
    replies = labelled({"cancel": 1, "refund": 40})
    embeddings = around(replies)
    embeddings[2:] = embeddings[1]

    stored = unpack(neighbours(embeddings, replies, INTENTS), INTENTS)

    assert stored.ids == ("cancel-0", "refund-0")


def test_a_rare_way_to_say_it_is_kept_before_one_more_common() -> None:
    """Two ways to say the same: nine in ten replies say it the first way."""
    rng = np.random.default_rng(5)
    replies = labelled({"refund": 400})
    ways = np.eye(2, 16)[(np.arange(400) % 10 == 3).astype(int)]
    rows = ways + 0.01 * rng.normal(size=(400, 16))
    embeddings = of_length_one(rows)
    intents = (*(f"intent {n}" for n in range(MOST // 2 - 1)), "refund")

    stored = unpack(neighbours(embeddings, replies, intents), intents)

    numbers = sorted(int(told.removeprefix("refund-")) % 10 == 3 for told in stored.ids)
    assert numbers == [False, True]


def test_the_same_replies_give_the_same_bytes() -> None:
    replies = labelled({"cancel": 30, "refund": 30})
    embeddings = around(replies)

    assert neighbours(embeddings, replies, INTENTS) == neighbours(
        embeddings.copy(), replies.copy(), INTENTS
    )


def test_a_long_text_is_cut() -> None:
    replies = labelled({"cancel": 2}).assign(text=["short", "long " * 200])

    stored = unpack(neighbours(around(replies), replies, INTENTS), INTENTS)

    assert stored.texts[0] == "short"
    assert len(stored.texts[1]) <= 160
    assert stored.texts[1].endswith("…")


def test_projected_neighbours_are_those_of_the_full_embeddings() -> None:
    """As measured on real embeddings: nine tenths of their reach in 64 of 384."""
    rng = np.random.default_rng(5)
    replies = labelled({"cancel": 200, "refund": 200})
    reach = np.r_[np.ones(DIMENSIONS), np.full(384 - DIMENSIONS, 0.1)]
    rows = rng.normal(size=(400, 384)) * reach
    embeddings = of_length_one(rows)
    stored = unpack(neighbours(embeddings, replies, INTENTS), INTENTS)

    same = []
    for one in embeddings[::8] + 0.02 * rng.normal(size=(50, 384)).astype(np.float32):
        exact = replies["id"][np.argsort(-(embeddings @ one))[:5]]
        same.append(len({n.reply_id for n in stored.nearest(one)} & set(exact)))

    assert np.mean(same) / 5 > 0.8
