from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from model.classifier import Classifier
from serving.routing.ruleset import RuleSet
from tests.training.word_bag import (
    INTENTS,
    bag_graph,
    bag_heads,
    bag_replies,
    word_bag,
)
from training.confidence import Seen
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS
from training.fitting import Fitted
from training.graph import attach_heads
from training.heads import LinearHead
from training.held_out import HeldOut, keys_of, pack, unpack
from training.keeping import fit_kept
from training.material import Material, gather, tokens_of
from training.progress import Steps
from training.sources import BundleSource, Kept
from training.tune import REACH

pytestmark = pytest.mark.usefixtures("one_thread")

EACH, MORE = 20, 32
NAMES = tuple(sorted(INTENTS))
WARMTH = (0.5, 2.0, 1.0)
OLD = bag_replies(EACH)
NEW = bag_replies(MORE)
"""The old replies, and a dozen more of each intent."""
FRESH = ~NEW["text"].isin(OLD["text"]).to_numpy()


def remembered() -> HeldOut:
    """Return predictions that no head would make: half of them wrong, none sure."""
    rng = np.random.default_rng(1)
    count = len(OLD)
    return HeldOut(
        intents=NAMES,
        truth=np.array([NAMES.index(intent) for intent in OLD["intent"]]),
        predicted=rng.integers(0, len(NAMES), count),
        confidence=rng.uniform(0.2, 0.4, count),
        ruled=np.zeros(count, dtype=np.int64),
        sentiment=np.full(count, -1),
        feeling=rng.integers(0, 3, count),
        key=keys_of(OLD["text"].tolist()),
    )


def source() -> BundleSource:
    """Return the encoder of a bundle that was tuned on the old replies."""
    bag = word_bag()
    texts = OLD["text"].tolist()
    rows = bag.embed(texts, lambda _: None)
    means = [rows[(OLD["intent"] == name).to_numpy()].mean(0) for name in NAMES]
    weight = np.stack([mean / np.linalg.norm(mean) * REACH for mean in means])
    flat = np.zeros(3, dtype=np.float32)
    intent = LinearHead(weight.astype(np.float32), flat).cooled(WARMTH[0])
    rng = np.random.default_rng(2)
    sentiment = LinearHead(
        rng.normal(size=(3, 16)).astype(np.float32), np.zeros(3, dtype=np.float32)
    )
    heads = bag_heads(intent, sentiment.cooled(WARMTH[1]))
    graph = bag_graph(bag.vectors)
    return BundleSource(
        name="word bag",
        digest="sha256:tuned",
        tokenizer=bag.tokenizer,
        tuned_on="sha256:old",
        sentiment=heads.sentiment,
        classifier=Classifier(
            attach_heads(graph, heads),
            bag.tokenizer,
            intents=NAMES,
            sentiments=SENTIMENTS,
            max_tokens=MAX_TOKENS,
        ),
        encoder_graph=graph,
        kept=Kept(heads, WARMTH, remembered()),
    )


class Keeper:
    """Trains on other replies, keeping the encoder."""

    def __init__(self, rules: RuleSet, cache: Path) -> None:
        self.rules, self.cache = rules, cache

    def material(self, replies: pd.DataFrame) -> Material:
        return gather(replies, None, self.rules.policy)

    def fit(self, replies: pd.DataFrame) -> tuple[Fitted, HeldOut]:
        steps = Steps(Console(quiet=True))
        return fit_kept(self.material(replies), source(), self.cache, steps)


@pytest.fixture(scope="module")
def keeper(rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    return Keeper(rules, tmp_path_factory.mktemp("cache"))


def test_an_old_reply_keeps_what_was_said_of_it_unseen(keeper: Keeper) -> None:
    _, told = keeper.fit(NEW)

    old = remembered()
    kept = told.part(~FRESH)
    assert kept.key.tolist() == old.key.tolist()
    assert kept.predicted.tolist() == old.predicted.tolist()
    assert kept.feeling.tolist() == old.feeling.tolist()
    assert kept.confidence.tolist() == old.confidence.tolist()


def test_an_old_reply_is_known_again_in_any_order(keeper: Keeper) -> None:
    shuffled = NEW.sample(frac=1, random_state=3)

    _, told = keeper.fit(shuffled)

    old = remembered()
    place = {key: row for row, key in enumerate(old.key.tolist())}
    for row, key in enumerate(told.key.tolist()):
        if key in place:
            assert told.confidence[row] == old.confidence[place[key]]
            assert told.predicted[row] == old.predicted[place[key]]


def test_new_replies_are_read_right(keeper: Keeper) -> None:
    fitted, told = keeper.fit(NEW)

    fresh = told.part(FRESH)
    assert len(fresh.truth) == 3 * (MORE - EACH)
    assert fresh.predicted.tolist() == fresh.truth.tolist()
    sure = fitted.confidence[np.flatnonzero(FRESH)]
    assert fresh.confidence.tolist() == sure.tolist()


@pytest.mark.parametrize("column", ["intent", "sentiment"])
def test_a_label_has_no_say_in_how_its_own_new_reply_is_judged(
    keeper: Keeper, column: str
) -> None:
    row = int(np.flatnonzero(FRESH)[0])
    lied = NEW.copy()
    others = {"intent": NAMES, "sentiment": SENTIMENTS}[column]
    lied.loc[row, column] = next(o for o in others if o != NEW.loc[row, column])

    honest, misled = keeper.fit(NEW)[0].unseen, keeper.fit(lied)[0].unseen

    assert np.array_equal(getattr(misled, column)[row], getattr(honest, column)[row])
    moved = (getattr(misled, column) != getattr(honest, column)).any(axis=1)
    assert moved.sum() > len(NEW) / 2


def test_temperatures_and_confidence_are_kept(keeper: Keeper) -> None:
    fitted, _ = keeper.fit(NEW)

    before = source().kept
    assert before is not None
    assert fitted.temperatures == WARMTH
    assert fitted.heads.confidence is not before.heads.confidence
    for field in ("inside", "right", "bias", "typical"):
        old = getattr(before.heads.confidence, field)
        assert np.array_equal(getattr(fitted.heads.confidence, field), old)
    lengths = np.linalg.norm(fitted.heads.intent.weight, axis=1)
    assert lengths == pytest.approx(np.full(3, REACH / WARMTH[0]), rel=1e-4)
    tokens = tokens_of(word_bag().tokenizer, NEW["text"].tolist())
    seen = Seen(fitted.unseen.intent, tokens)
    expected = before.heads.confidence.confidence(seen)
    assert fitted.confidence == pytest.approx(expected)


def test_a_new_label_is_learned(keeper: Keeper) -> None:
    replies = NEW.copy()
    boxes = replies["text"].str.contains(" box ")
    replies.loc[boxes, "intent"] = "box_status"

    fitted, told = keeper.fit(replies)

    assert told.intents == ("box_status", *NAMES)
    fresh = told.part(FRESH)
    assert fresh.predicted.tolist() == fresh.truth.tolist()
    assert (fresh.truth == 0).sum() == (boxes & FRESH).sum() > 0
    # What was said of an old reply is told in today's labels, its truth as well.
    old, kept = remembered(), told.part(~FRESH)
    assert kept.predicted.tolist() == (old.predicted + 1).tolist()
    assert (kept.truth == 0).tolist() == boxes[~FRESH].tolist()
    assert fitted.heads.intent.weight.shape == (4, 16)


def test_a_new_label_of_one_family_is_learned_though_nothing_else_shows_it(
    keeper: Keeper,
) -> None:
    more = pd.DataFrame(
        {
            "text": [f"please today now p{n}x{n * 7919}" for n in range(6)],
            "intent": "hurry",
            "sentiment": None,
            "group": "one campaign",
        }
    )

    fitted, told = keeper.fit(pd.concat([NEW, more], ignore_index=True))

    assert told.intents == ("hurry", *NAMES)
    assert np.isfinite(fitted.confidence).all()
    rows = word_bag().embed(more["text"].tolist(), lambda _: None)
    assert (fitted.heads.intent.logits(rows).argmax(1) == 0).all()
    # They are all held out at once, so nobody could have known.
    assert (told.predicted[-6:] != 0).all()


def test_a_label_that_is_gone_is_not_predicted_any_more(keeper: Keeper) -> None:
    left = OLD[OLD["intent"] != "refund"].reset_index(drop=True)

    fitted, told = keeper.fit(left)

    assert told.intents == ("order_status", "store_info")
    assert fitted.heads.intent.weight.shape == (2, 16)
    old = remembered().part((OLD["intent"] != "refund").to_numpy())
    refunds = old.predicted == NAMES.index("refund")
    names = np.array(told.intents)[told.predicted]
    expected = np.array(NAMES)[old.predicted]
    assert names[~refunds].tolist() == expected[~refunds].tolist()
    assert told.confidence[~refunds].tolist() == old.confidence[~refunds].tolist()
    # Today's heads have learned from who was taken for a refund: that proves nothing.
    assert told.confidence[refunds].tolist() == [0.0] * int(refunds.sum())
    assert unpack(pack(told)).judged.tolist() == (~refunds).tolist()


def test_a_label_by_another_name_keeps_its_predictions(keeper: Keeper) -> None:
    renamed = OLD.assign(intent=OLD["intent"].replace("refund", "a_refund"))

    _, told = keeper.fit(renamed)

    old = remembered()
    expected = [NAMES[code].replace("refund", "a_refund") for code in old.predicted]
    assert [told.intents[code] for code in told.predicted] == expected
    assert told.confidence.tolist() == old.confidence.tolist()


def test_a_label_that_was_joined_to_another_goes_on_as_that(keeper: Keeper) -> None:
    joined = OLD.assign(intent=OLD["intent"].replace("refund", "order_status"))

    _, told = keeper.fit(joined)

    old = remembered()
    expected = [NAMES[code].replace("refund", "order_status") for code in old.predicted]
    assert [told.intents[code] for code in told.predicted] == expected
    assert told.confidence.tolist() == old.confidence.tolist()


def test_a_label_whose_replies_are_mostly_gone_has_no_heir(keeper: Keeper) -> None:
    refunds = np.flatnonzero(OLD["intent"] == "refund")
    left = OLD.assign(intent=OLD["intent"].replace("refund", "store_info"))
    left = left[~left.index.isin(refunds[1:])].reset_index(drop=True)

    _, told = keeper.fit(left)

    old = remembered().part(np.setdiff1d(np.arange(len(OLD)), refunds[1:]))
    gone = old.predicted == NAMES.index("refund")
    assert told.judged.tolist() == (~gone).tolist()


def test_a_new_reply_is_judged_without_its_near_twins(keeper: Keeper) -> None:
    row = int(np.flatnonzero(FRESH)[0])
    alike = NEW["intent"] == NEW["intent"][row]
    twin = int(np.flatnonzero(~FRESH & alike.to_numpy())[0])
    kin = NEW.assign(group=[f"g{n}" for n in range(len(NEW))])
    kin.loc[[row, twin], "group"] = "same wording"
    lied = kin.copy()
    lied.loc[twin, "intent"] = next(o for o in NAMES if o != NEW.loc[row, "intent"])

    honest, misled = keeper.fit(kin)[0].unseen, keeper.fit(lied)[0].unseen

    assert np.array_equal(misled.intent[row], honest.intent[row])


def test_a_reply_whose_label_was_mended_keeps_its_prediction(keeper: Keeper) -> None:
    mended = OLD.copy()
    mended.loc[5, "intent"] = "store_info"

    _, told = keeper.fit(mended)

    assert told.truth[5] == NAMES.index("store_info")
    assert told.predicted[5] == remembered().predicted[5]


def test_sentiments_that_nobody_names_keep_their_head(keeper: Keeper) -> None:
    fitted, _ = keeper.fit(NEW.assign(sentiment=None))

    before = source().kept
    assert before is not None
    kept = before.heads.sentiment.weight
    assert fitted.heads.sentiment.weight == pytest.approx(kept, rel=1e-5)
    rows = word_bag().embed(NEW["text"].tolist(), lambda _: None)
    expected = before.heads.sentiment.logits(rows)
    assert fitted.unseen.sentiment == pytest.approx(expected, abs=1e-4)


def test_an_opt_out_that_nobody_taught_stays_unheard(keeper: Keeper) -> None:
    fitted, _ = keeper.fit(NEW)

    assert (fitted.unseen.opt_out[:, 1] - fitted.unseen.opt_out[:, 0]).max() < -20


def test_what_is_kept_can_be_kept_again(keeper: Keeper) -> None:
    _, first = keeper.fit(NEW)
    kept = source().kept
    assert kept is not None
    later = replace(source(), kept=replace(kept, held_out=first))

    steps = Steps(Console(quiet=True))
    _, second = fit_kept(keeper.material(NEW), later, keeper.cache, steps)

    assert pack(second) == pack(first)


def test_the_same_replies_leave_the_intents_as_they_are(keeper: Keeper) -> None:
    shuffled = OLD.sample(frac=1, random_state=3).reset_index(drop=True)

    fitted, _ = keeper.fit(shuffled)

    before = source().kept
    assert before is not None
    assert np.allclose(fitted.heads.intent.weight, before.heads.intent.weight)


@pytest.mark.parametrize("change", ["label", "fewer", "more"])
def test_any_change_of_the_replies_fits_the_intents_anew(
    keeper: Keeper, change: str
) -> None:
    replies = {
        "label": OLD.assign(intent=[OLD["intent"].iloc[-1], *OLD["intent"][1:]]),
        "fewer": OLD.iloc[1:].reset_index(drop=True),
        "more": NEW,
    }[change]

    fitted, _ = keeper.fit(replies)

    before = source().kept
    assert before is not None
    assert not np.allclose(fitted.heads.intent.weight, before.heads.intent.weight)
