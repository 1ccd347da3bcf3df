import numpy as np
import pytest

from training.held_out import HeldOut, keys_of
from training.suggest.unseen import remembered

NAMES = ("a", "b", "c")
TEXTS = ["one", "two", "three"]


def known(*, predicted: int, confidence: float, intents: tuple[str, ...]) -> HeldOut:
    one = np.zeros(1, dtype=np.int64)
    return HeldOut(
        intents=intents,
        truth=one,
        predicted=np.array([predicted]),
        confidence=np.array([confidence]),
        ruled=one,
        sentiment=one,
        feeling=one,
        key=keys_of(["two"]),
    )


def test_what_was_said_before_tuning_keeps_its_confidence() -> None:
    # The head has learned the given label by heart; before, "c" was seen in it.
    learned = np.array([[0.9, 0.05, 0.05], [0.98, 0.01, 0.01], [0.2, 0.3, 0.5]])
    before = known(predicted=0, confidence=0.8, intents=("c", "a", "b"))

    told = remembered(learned, NAMES, TEXTS, before)

    assert told[1].argmax() == 2
    assert told[1, 2] == pytest.approx(0.8)
    assert told[1, 0] == pytest.approx(0.2 * 0.98 / 0.99, abs=1e-4)
    assert told[[0, 2]].tolist() == learned[[0, 2]].tolist()
    assert told.sum(axis=1) == pytest.approx(1)


def test_an_intent_that_is_gone_is_not_remembered() -> None:
    learned = np.full((3, 3), 1 / 3)
    before = known(predicted=0, confidence=0.8, intents=("gone",))

    assert remembered(learned, NAMES, TEXTS, before).tolist() == learned.tolist()


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_no_label_becomes_impossible(confidence: float) -> None:
    learned = np.eye(3)
    before = known(predicted=1, confidence=confidence, intents=NAMES)

    told = remembered(learned, NAMES, TEXTS, before)

    assert (told[1] > 0).all()
