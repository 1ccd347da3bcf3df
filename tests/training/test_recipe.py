from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from model.classifier import Classifier
from model.errors import InputError
from serving.routing.policy import Answer, Policy
from serving.routing.ruleset import RuleSet
from tests.training.word_bag import WordBag, bag_replies, word_bag
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS
from training.heads import LinearHead
from training.progress import Steps
from training.recipe import Trained, train
from training.split import spared

pytestmark = pytest.mark.integration

EACH = 80


def trained(
    bag: WordBag, policy: Policy, cache: Path, replies: pd.DataFrame | None = None
) -> Trained:
    if replies is None:
        replies = bag_replies(EACH)
    return train(replies, bag, policy, cache, Steps(Console(quiet=True)))


@pytest.fixture(scope="module")
def bag() -> WordBag:
    return word_bag()


@pytest.fixture(scope="module")
def made(
    bag: WordBag, rules: RuleSet, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    return trained(bag, rules.policy, tmp_path_factory.mktemp("cache"))


def test_the_graph_reads_replies(made: Trained, bag: WordBag) -> None:
    classifier = Classifier(
        made.graph,
        bag.tokenizer,
        intents=made.intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
    )

    predictions = classifier.predict(["where is my box", "when do you open today"])

    assert [p.intent for p in predictions] == ["order_status", "store_info"]
    assert all(p.confidence > 0.9 for p in predictions)


def test_labels_stand_in_the_order_of_the_columns(made: Trained) -> None:
    assert made.intents == ("order_status", "refund", "store_info")


def test_every_reply_is_scored_unseen_by_a_general_encoder(made: Trained) -> None:
    assert made.evaluation.replies == 3 * EACH
    assert made.evaluation.intent.accuracy.value == 1.0


def test_the_threshold_is_the_lowest_that_keeps_the_limit(made: Trained) -> None:
    # 240 faultless replies of which all are answered prove 2 % at 95 %.
    assert made.solved.threshold == pytest.approx(0.3)
    assert (made.solved.answered, made.solved.wrong) == (3 * EACH, 0)


def test_training_again_makes_the_same_bytes(
    made: Trained, bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    assert trained(bag, rules.policy, tmp_path) == made


def test_a_tuned_encoder_is_scored_on_what_it_never_saw(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    tuned = replace(bag, tuned_on="sha256:replies")

    told = trained(tuned, rules.policy, tmp_path).evaluation.replies

    assert told == spared(bag_replies(EACH)["group"].tolist()).sum()
    assert told < EACH


def test_the_first_graph_that_passes_is_taken(
    made: Trained, bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    fallback = replace(bag, packings=(-bag.vectors, bag.vectors))

    assert trained(fallback, rules.policy, tmp_path).graph == made.graph


def test_what_only_people_answer_has_no_threshold(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    people = {
        intent: replace(line, answer=Answer.ESCALATE)
        for intent, line in rules.policy.intents.items()
    }
    policy = replace(rules.policy, intents=people)

    assert trained(bag, policy, tmp_path).solved.threshold is None


def test_without_sentiments_the_encoders_own_head_is_kept(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    head = LinearHead(np.eye(3, 16, dtype=np.float32), np.array([9, 0, 0], "f"))
    replies = bag_replies(EACH).assign(sentiment=None)

    told = trained(replace(bag, sentiment=head), rules.policy, tmp_path, replies)

    assert told.evaluation.sentiment is None
    classifier = Classifier(
        told.graph,
        bag.tokenizer,
        intents=told.intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
    )
    assert classifier.predict(["where is my box"])[0].sentiment == "negative"


def test_without_sentiments_and_without_a_head_a_column_is_asked_for(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    replies = bag_replies(EACH).assign(sentiment=None)

    with pytest.raises(InputError, match="add a sentiment column"):
        trained(bag, rules.policy, tmp_path, replies)
