import numpy as np

from model.prediction import Prediction, Ranked, ranked


def test_labels_are_ranked_likeliest_first() -> None:
    found = ranked(("a", "b", "c"), np.array([0.25, 0.5, 0.125], np.float32))

    assert found == (Ranked("b", 0.5), Ranked("a", 0.25), Ranked("c", 0.125))


def test_ties_keep_the_order_of_the_labels() -> None:
    found = ranked(("z", "a", "m"), np.array([0.25, 0.25, 0.5], np.float32))

    assert [r.label for r in found] == ["m", "z", "a"]


def test_probabilities_are_plain_floats_that_json_can_hold() -> None:
    found = ranked(("a",), np.array([1.0], np.float32))

    assert type(found[0].probability) is float


def test_a_prediction_names_its_likeliest_labels() -> None:
    prediction = Prediction(
        intents=(Ranked("refund", 0.7), Ranked("other", 0.3)),
        confidence=0.6,
        sentiments=(Ranked("negative", 0.9), Ranked("neutral", 0.1)),
    )

    assert prediction.intent == "refund"
    assert prediction.sentiment == "negative"
    assert prediction.sentiment_confidence == 0.9
