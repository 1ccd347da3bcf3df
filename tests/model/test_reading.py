"""When clauses are read; `model.clauses` says what they are."""

from collections.abc import Sequence

import pytest

from model.classifier import Classifier
from model.prediction import Prediction, Ranked
from model.reading import UNSURE, read, read_all


class Listener(Classifier):
    """Writes down what it is asked and is as sure as it is told; holds no graph."""

    def __init__(self, confidence: float) -> None:
        """Load nothing."""
        self.confidence = confidence
        self.asked: list[list[str]] = []

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.asked.append(list(texts))
        return [
            Prediction((Ranked(text, 1.0),), self.confidence, (Ranked("neutral", 1.0),))
            for text in texts
        ]


def test_each_clause_is_read_by_itself_where_one_begins_something_new() -> None:
    listener = Listener(confidence=0.99)

    prediction = read(listener, "thanks! what time do u close")

    assert prediction.intent == "thanks! what time do u close"
    assert [c.intent for c in prediction.clauses] == ["thanks!", "what time do u close"]


@pytest.mark.parametrize(
    "text", ["where is my order", "black and white", "it came. it was broken. so sad"]
)
def test_most_replies_cost_one_run(text: str) -> None:
    listener = Listener(confidence=UNSURE)

    assert read(listener, text).clauses == ()
    assert listener.asked == [[text]]


def test_clauses_that_go_on_are_read_where_the_whole_is_unsure() -> None:
    prediction = read(Listener(confidence=UNSURE - 0.01), "it came. it was broken")

    assert [c.intent for c in prediction.clauses] == ["it came.", "it was broken"]


def test_many_replies_are_read_in_two_goes_as_each_would_be_alone() -> None:
    texts = ["where is it", "yes and wheres my order", "ok", "no. whats this charge"]
    listener = Listener(confidence=0.99)

    together = read_all(listener, texts)

    assert len(listener.asked) == 2
    assert together == [read(Listener(confidence=0.99), text) for text in texts]
    assert [len(p.clauses) for p in together] == [0, 2, 0, 2]
