from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from model.classifier import Classifier
from model.prediction import Floats
from serving.routing.ruleset import RuleSet
from tests.training.word_bag import bag_graph, bag_heads, bag_replies, word_bag
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS
from training.graph import attach_heads
from training.heads import Codes, Fold, fit_head
from training.parity import (
    ACCURACY_LOSS,
    MOST,
    PROBABILITY_GAP,
    SAME_LABELS,
    SAMPLE,
    Parity,
    ParityError,
    measure_parity,
    require_parity,
)
from training.progress import Steps
from training.recipe import train
from training.tune import UNKNOWN

NONE = np.zeros(0, dtype=np.int64)
ALIKE = Parity(500, 1.0, 0.0, 2_000, 0.9, 0.9)
EDGE = Parity(500, SAME_LABELS, PROBABILITY_GAP, 2_000, 0.9, 0.9 - 0.99 * ACCURACY_LOSS)


def measured(
    change: Callable[[Floats], Floats], untold: Codes = NONE, each: int = 40
) -> Parity:
    """Compare a word bag with a graph whose vectors are changed."""
    bag, replies = word_bag(), bag_replies(each)
    texts = replies["text"].tolist()
    embeddings = bag.embed(texts, lambda _: None)
    intents = tuple(sorted(set(replies["intent"])))
    codes = np.array([intents.index(intent) for intent in replies["intent"]])
    head = fit_head(embeddings, codes, 3)
    heads = bag_heads(head, head)
    graph = attach_heads(bag_graph(change(bag.vectors)), heads)
    classifier = Classifier(
        graph,
        bag.tokenizer,
        intents=intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
    )
    # Out of order, as a splitter gives them, and not all.
    count = len(codes)
    folds = [
        Fold(np.arange(1, count, 2), head),
        Fold(np.arange(0, count // 2, 2), head),
    ]
    codes[untold] = UNKNOWN
    return measure_parity(
        classifier, texts, embeddings, codes, heads=heads, folds=folds
    )


@pytest.mark.parametrize("parity", [ALIKE, EDGE], ids=["alike", "edge"])
def test_what_is_near_enough_passes(parity: Parity) -> None:
    require_parity(parity)


@pytest.mark.parametrize(
    ("parity", "told"),
    [
        (
            replace(ALIKE, same_labels=0.98),
            "98.0% of 500 replies the label of the float pipeline; at least 98.5%",
        ),
        (
            replace(ALIKE, probability_gap=0.0301),
            "top probabilities differ by 0.030 on average; at most 0.02",
        ),
        (
            replace(ALIKE, accuracy_int8=0.895),
            "accuracy on 2000 held-out replies falls by 0.50%; at most 0.2%",
        ),
    ],
    ids=["labels", "probabilities", "accuracy"],
)
def test_what_is_too_far_off_is_told_by_its_figure(parity: Parity, told: str) -> None:
    with pytest.raises(ParityError) as caught:
        require_parity(parity)

    assert told in str(caught.value)
    assert str(caught.value).startswith("parity gate: ")
    assert "; no bundle was written. More replies of the" in str(caught.value)


def test_a_graph_that_is_more_accurate_passes() -> None:
    require_parity(replace(ALIKE, accuracy_int8=0.95))


def test_the_same_vectors_have_no_gap() -> None:
    parity = measured(lambda vectors: vectors)

    assert parity.same_labels == 1.0
    assert parity.probability_gap < 1e-5
    assert parity.accuracy_int8 == parity.accuracy_float
    assert (parity.replies, parity.held_out) == (90, 90)


def test_vectors_that_answer_otherwise_are_measured() -> None:
    parity = measured(lambda vectors: -vectors)

    assert parity.same_labels < 0.5
    assert parity.accuracy_int8 < parity.accuracy_float - 0.5


def test_texts_without_an_intent_are_left_out() -> None:
    parity = measured(lambda vectors: vectors, np.arange(20))

    assert parity.held_out == 70
    assert parity.accuracy_int8 == parity.accuracy_float == 1


def test_of_many_replies_some_are_read() -> None:
    parity = measured(lambda vectors: vectors, each=MOST // 2)

    assert (parity.replies, parity.held_out) == (SAMPLE, MOST)


def test_training_ends_where_no_graph_passes(rules: RuleSet, tmp_path: Path) -> None:
    bag = word_bag()
    spoiled = replace(bag, packings=(-bag.vectors, np.zeros_like(bag.vectors) + 0.1))

    with pytest.raises(ParityError, match=r"label of the float pipeline.*no bundle"):
        train(bag_replies(), None, spoiled, rules, tmp_path, Steps(Console(quiet=True)))
