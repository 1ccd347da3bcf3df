from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from model.classifier import OUTPUTS, REMEMBERED, Classifier, Ints, padded
from model.prediction import Floats, Prediction
from serving.live import LiveBundle
from tests.bag_bundle import explaining_graph
from tests.training.word_bag import INTENTS, WORDS, word_bag

TEXTS = [
    "where is my order",
    "STOP",
    "I want my money back for the shoes that came last week, all of it, right now",
    "",
    "👍",
    "are you open on sunday",
    "lone \ud83d surrogate and \x00 nul",
    "quiero hablar con una persona",
    "word " * 400,
    "wrong number, this is not Dana",
] * 4


@pytest.fixture(scope="module")
def classifier(tiny_live: LiveBundle) -> Classifier:
    return tiny_live.bundle.classifier


def same(one: Prediction, other: Prediction) -> bool:
    def table(prediction: Prediction) -> dict[str, float]:
        return {r.label: r.probability for r in prediction.intents} | {
            r.label: r.probability for r in prediction.sentiments
        }

    return table(one) == pytest.approx(table(other), abs=1e-3) and (
        one.confidence == pytest.approx(other.confidence, abs=1e-3)
    )


def test_padding_is_masked_and_as_wide_as_the_longest() -> None:
    ids, mask = padded([[5, 6, 7], [8]])

    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert ids.dtype == mask.dtype == np.int64


@pytest.mark.integration
def test_a_batch_says_what_each_text_alone_says(classifier: Classifier) -> None:
    together = classifier.predict(TEXTS)

    alone = [classifier.predict([text])[0] for text in TEXTS]

    assert all(same(a, b) for a, b in zip(together, alone, strict=True))


@pytest.mark.integration
def test_answers_come_in_the_order_of_the_texts(classifier: Classifier) -> None:
    forward = classifier.predict(TEXTS)

    backward = classifier.predict(TEXTS[::-1])[::-1]

    assert all(same(a, b) for a, b in zip(forward, backward, strict=True))
    assert len({p.intents for p in forward[:10]}) > 5


@pytest.mark.integration
def test_no_texts_give_no_predictions(classifier: Classifier) -> None:
    assert classifier.predict([]) == []


@pytest.mark.integration
def test_probabilities_sum_to_one_and_come_likeliest_first(
    classifier: Classifier,
) -> None:
    for prediction in classifier.predict(TEXTS):
        for ranks in (prediction.intents, prediction.sentiments):
            values = [rank.probability for rank in ranks]
            assert sum(values) == pytest.approx(1, abs=1e-4)
            assert all(a >= b for a, b in pairwise(values))
        assert 0 <= prediction.confidence <= 1


@pytest.mark.integration
def test_every_label_is_ranked_once(classifier: Classifier) -> None:
    prediction = classifier.predict(["hello"])[0]

    assert {r.label for r in prediction.intents} == set(classifier.intents)
    assert {r.label for r in prediction.sentiments} == set(classifier.sentiments)


@pytest.mark.integration
def test_embeddings_have_length_one(classifier: Classifier) -> None:
    embedding = classifier.outputs(TEXTS).embedding

    assert np.linalg.norm(embedding, axis=1) == pytest.approx(1, abs=1e-3)


@pytest.mark.integration
def test_long_texts_are_cut_to_the_tokens_of_the_bundle(
    tiny_live: LiveBundle,
) -> None:
    ids = tiny_live.bundle.classifier.token_ids(["word " * 5000])

    assert len(ids[0]) == tiny_live.bundle.manifest.max_tokens


class Counting(Classifier):
    """Reads words of the word bag, and counts how often the graph runs."""

    def __init__(self, threads: int = 1) -> None:
        super().__init__(
            explaining_graph(),
            word_bag().tokenizer,
            intents=tuple(sorted(INTENTS)),
            sentiments=("negative", "neutral", "positive"),
            max_tokens=64,
            threads=threads,
        )
        self.runs = 0

    def run(
        self,
        input_ids: Ints,
        attention_mask: Ints,
        wanted: Sequence[str] = OUTPUTS,
    ) -> list[Floats]:
        self.runs += 1
        return super().run(input_ids, attention_mask, wanted)


def test_a_text_that_comes_again_is_not_read_again() -> None:
    classifier = Counting()
    first = classifier.predict(["where is my box", "please"])

    again = classifier.predict(["please", "where  is my box"])

    assert again == first[::-1]
    assert classifier.runs == 2


@pytest.mark.parametrize("threads", [1, 2])
def test_every_text_gets_its_own_reading(threads: int) -> None:
    texts = [f"{one} {other}" for one in WORDS for other in WORDS]
    classifier = Counting(threads)

    told = classifier.predict([*texts, *texts])

    assert told[: len(texts)] == told[len(texts) :]
    alone = Counting()
    assert told[:50] == [alone.predict([text])[0] for text in texts[:50]]


def test_what_is_remembered_is_bounded() -> None:
    classifier = Counting()
    texts = [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS][
        : REMEMBERED + 1
    ]

    classifier.predict(texts)
    classifier.predict(texts[:1])

    assert classifier.runs == REMEMBERED + 2


def test_outputs_are_always_the_graphs_own() -> None:
    classifier = Counting()

    for _ in range(2):
        classifier.outputs(["where is my box"])

    assert classifier.runs == 2
