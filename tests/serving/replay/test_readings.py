from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.classifier import Classifier
from model.prediction import Prediction
from serving.replay.readings import Readings
from tests.bag_bundle import bag_bundle

SAID = ["where is my order", "refund please", "where is my box. i want my money back"]


class Counting(Classifier):
    """A classifier that notes which texts it was asked about."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.asked: list[str] = []

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.asked += texts
        return self.classifier.predict(texts)


@pytest.fixture(scope="module")
def bag() -> Classifier:
    return bag_bundle().classifier


def test_a_text_that_comes_again_is_not_read_again(bag: Classifier) -> None:
    counting = Counting(bag)
    readings = Readings(counting)

    first = readings.read([*SAID, SAID[0]])
    asked = list(counting.asked)
    again = readings.read(SAID)

    assert again == first
    assert counting.asked == asked
    # One of them says two things.
    assert asked[: len(SAID)] == SAID
    assert any(reading.clauses for reading in first.values())


def test_the_one_asked_for_longest_ago_is_forgotten(bag: Classifier) -> None:
    counting = Counting(bag)
    readings = Readings(counting, remembered=2)
    for text in ("a", "b", "a", "c"):
        readings.read([text])
    counting.asked.clear()

    readings.read(["a"])
    readings.read(["c"])
    readings.read(["b"])

    assert counting.asked == ["b"]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["where", "refund", "open", "today", "."]), max_size=9))
def test_what_is_remembered_is_what_was_read(bag: Classifier, words: list[str]) -> None:
    readings = Readings(bag)
    text = " ".join(words)

    read = readings.read([text])[text]

    assert readings.read([text])[text] == read
    assert replace(read, clauses=()) == bag.predict([text])[0]
