from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from model.classifier import Classifier
from model.errors import InputError
from serving.routing.policy import Answer
from serving.routing.ruleset import RuleSet
from tests.training.tiny_bert import tiny_encoder
from tests.training.word_bag import WordBag, bag_replies, word_bag
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS, Encoder
from training.heads import LinearHead
from training.held_out import Ruled, keys_of, pack
from training.progress import Steps
from training.recipe import Trained, train
from training.sources import EncoderSource, bundle_source
from training.writing import rules_files, write_bundle

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("one_thread")]

ROOT = Path(__file__).parent.parent.parent
EACH = 80
FEW = 24
CASES = pd.DataFrame(
    [(f"{stop} s{n}x{n * 7919}", True) for n, stop in enumerate(["now please"] * 9)]
    + [(f"{stay} g{n}x{n * 6841}", False) for n, stay in enumerate(["want you"] * 9)],
    columns=["text", "opt_out"],
)


def trained(
    start: EncoderSource | Encoder,
    rules: RuleSet,
    cache: Path,
    replies: pd.DataFrame | None = None,
    cases: pd.DataFrame | None = None,
) -> Trained:
    if replies is None:
        replies = bag_replies(EACH)
    return train(replies, cases, start, rules, cache, Steps(Console(quiet=True)))


def reader(made: Trained) -> Classifier:
    return Classifier(
        made.graph,
        made.source.tokenizer,
        intents=made.intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
    )


@pytest.fixture(scope="module")
def bag() -> WordBag:
    return word_bag()


@pytest.fixture(scope="module")
def made(
    bag: WordBag, rules: RuleSet, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    return trained(bag, rules, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def deep(rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return what comes of tuning a real, tiny transformer."""
    cache = tmp_path_factory.mktemp("cache")
    return trained(tiny_encoder(), rules, cache, bag_replies(FEW), CASES)


def test_the_graph_reads_replies(made: Trained) -> None:
    predictions = reader(made).predict(["where is my box", "when do you open today"])

    assert [p.intent for p in predictions] == ["order_status", "store_info"]
    assert all(p.confidence > 0.9 for p in predictions)


def test_labels_stand_in_the_order_of_the_columns(made: Trained) -> None:
    assert made.intents == ("order_status", "refund", "store_info")


def test_every_reply_is_scored_unseen_by_a_general_encoder(made: Trained) -> None:
    assert made.evaluation.replies == 3 * EACH
    assert made.evaluation.intent.accuracy.value == 1.0


def test_what_only_one_family_shows_is_unknown_without_it(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    hurry = bag_replies(3).assign(group="one campaign", intent="hurry")
    hurry["text"] = [f"please today now p{n}x{n * 7919}" for n in range(9)]
    replies = pd.concat([bag_replies(FEW), hurry], ignore_index=True)

    told = trained(bag, rules, tmp_path, replies)

    code = told.intents.index("hurry")
    assert (told.held_out.predicted[-9:] != code).all()
    assert (told.held_out.truth[-9:] == code).all()
    assert reader(told).predict(["please today now"])[0].intent == "hurry"


def test_thresholds_are_as_lenient_as_the_limits_allow(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    policy = replace(rules.policy, max_wrong_replies=0.02)
    told = replace(rules, policy=policy)

    solved = trained(bag, told, tmp_path, bag_replies(200)).solved

    # Faultless, all of them; what is upset and would get a person is left out.
    assert solved.whole.wrong == 0
    assert solved.whole.answered > 400
    assert all(0 < (threshold or 1) < 0.7 for threshold in solved.thresholds.values())


def test_few_replies_promise_nothing(made: Trained) -> None:
    assert set(made.solved.thresholds.values()) == {None}


def test_training_again_makes_the_same_bytes(
    made: Trained, bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    again = trained(bag, rules, tmp_path)

    assert again.graph == made.graph
    assert pack(again.held_out) == pack(made.held_out)
    assert again.solved == made.solved
    assert again.evaluation == made.evaluation


def test_keywords_settle_replies_before_the_model(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    replies = bag_replies(EACH)
    replies.loc[3, "text"] = "STOP"

    told = trained(bag, rules, tmp_path, replies).held_out

    assert told.ruled[3] == Ruled.WRONGLY
    assert (np.delete(told.ruled, 3) == Ruled.BY_MODEL).all()


def test_without_opt_outs_among_the_labels_none_is_read_into_a_reply(
    made: Trained,
) -> None:
    told = reader(made).predict(["where is my box", "please close now"])

    assert max(prediction.opt_out for prediction in told) < 1e-6


def test_cases_teach_opt_outs(bag: WordBag, rules: RuleSet, tmp_path: Path) -> None:
    told = trained(bag, rules, tmp_path, cases=CASES)

    stop, stay = reader(told).predict(["now please", "want you"])
    assert stop.opt_out > 0.5 > stay.opt_out
    assert len(told.held_out.truth) == len(told.embeddings) == 3 * EACH


def test_sentiments_that_nobody_has_keep_their_column(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    replies = bag_replies(EACH)
    replies["sentiment"] = replies["sentiment"].replace("positive", "neutral")

    told = trained(bag, rules, tmp_path, replies)

    assert told.evaluation.sentiment is not None
    feelings = dict(reader(told).predict(["where is my box"])[0].sentiments)
    assert set(feelings) == set(SENTIMENTS)
    assert feelings["positive"] < 1e-6


def test_a_tuned_encoder_is_scored_on_every_reply_unseen(deep: Trained) -> None:
    assert deep.source.tuned_on is not None
    assert deep.source.digest != tiny_encoder().digest
    assert deep.evaluation.replies == 3 * FEW
    assert (
        deep.held_out.key.tolist()
        == keys_of(bag_replies(FEW)["text"].tolist()).tolist()
    )
    assert deep.evaluation.intent.accuracy.value > 0.9


def test_a_tuned_encoder_reads_replies(deep: Trained) -> None:
    told = reader(deep).predict(["where is my box", "when do you open today"])

    assert [p.intent for p in told] == ["order_status", "store_info"]


def test_tuning_without_opt_outs_reads_none_into_a_reply(
    rules: RuleSet, tmp_path: Path
) -> None:
    told = trained(tiny_encoder(), rules, tmp_path, bag_replies(FEW))

    texts = bag_replies(FEW)["text"].tolist()
    assert max(p.opt_out for p in reader(told).predict(texts)) < 1e-6


def test_a_bundle_that_was_tuned_is_trained_on_without_tuning(
    deep: Trained, rules: RuleSet, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    files = rules_files(ROOT / "data")
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    write_bundle(deep, bag_replies(FEW), rules=files, out=out, created_at=noon)
    start = bundle_source(out)

    told = trained(start, rules, tmp_path, bag_replies(FEW + 2), CASES)

    assert told.source is start
    assert told.source.tuned_on == deep.source.tuned_on
    assert told.temperatures == list(deep.temperatures)
    assert told.evaluation.replies == 3 * (FEW + 2)
    rows = np.flatnonzero(np.isin(told.held_out.key, deep.held_out.key))
    assert len(rows) == 3 * FEW
    kept = told.held_out.part(rows)
    assert kept.predicted.tolist() == deep.held_out.predicted.tolist()
    assert kept.confidence == pytest.approx(deep.held_out.confidence, abs=1e-4)
    stop, stay = reader(told).predict(["now please", "want you"])
    assert stop.opt_out > stay.opt_out


def test_the_first_graph_that_passes_is_taken(
    made: Trained, bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    fallback = replace(bag, packings=(-bag.vectors, bag.vectors))

    assert trained(fallback, rules, tmp_path).graph == made.graph


def test_what_only_people_answer_has_no_threshold(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    people = {
        intent: replace(line, answer=Answer.ESCALATE)
        for intent, line in rules.policy.intents.items()
    }
    policy = replace(rules.policy, intents=people)

    assert (
        trained(bag, replace(rules, policy=policy), tmp_path).solved.whole.answered == 0
    )


def test_without_sentiments_the_encoders_own_head_is_kept(
    bag: WordBag, rules: RuleSet, tmp_path: Path
) -> None:
    head = LinearHead(np.eye(3, 16, dtype=np.float32), np.array([9, 0, 0], "f"))
    replies = bag_replies(EACH).assign(sentiment=None)

    told = trained(replace(bag, sentiment=head), rules, tmp_path, replies)

    assert told.evaluation.sentiment is None
    assert reader(told).predict(["where is my box"])[0].sentiment == "negative"


@pytest.mark.parametrize("start", [word_bag(), tiny_encoder()], ids=["kept", "tuned"])
def test_what_is_all_of_one_group_cannot_be_held_out(
    start: EncoderSource | Encoder, rules: RuleSet, tmp_path: Path
) -> None:
    replies = bag_replies(FEW).assign(group="campaign")

    with pytest.raises(InputError, match=r"^bag\.csv, column 'group': .*of one group"):
        trained(start, rules, tmp_path, replies)


@pytest.mark.parametrize("start", [word_bag(), tiny_encoder()], ids=["kept", "tuned"])
def test_fewer_groups_than_folds_are_enough(
    start: EncoderSource | Encoder, rules: RuleSet, tmp_path: Path
) -> None:
    replies = bag_replies(FEW)
    replies["group"] = [f"campaign {n % 2}" for n in range(len(replies))]

    assert trained(start, rules, tmp_path, replies).evaluation.replies == 3 * FEW


@pytest.mark.parametrize("start", [word_bag(), tiny_encoder()], ids=["kept", "tuned"])
def test_without_sentiments_and_without_a_head_a_column_is_asked_for(
    start: EncoderSource | Encoder, rules: RuleSet, tmp_path: Path
) -> None:
    replies = bag_replies(EACH).assign(sentiment=None)

    with pytest.raises(InputError) as caught:
        trained(start, rules, tmp_path, replies)

    assert str(caught.value) == (
        "bag.csv: no reply names a sentiment, and the default sentiment head does not "
        f"fit the encoder {start.name}; add a sentiment column"
    )
    assert list(tmp_path.iterdir()) == []
