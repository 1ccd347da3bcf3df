from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from model.prediction import Floats
from serving.routing.policy import Policy, Role
from serving.routing.ruleset import RuleSet
from tests.training.word_bag import WORDS, word_bag
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS
from training.material import gather, outliers, tokens_of, unknown_token, unlike
from training.tune import UNKNOWN

ROWS = (
    ("leave me in peace", "opt_out", "negative", "a"),
    ("where is my box", "order_status", None, "b"),
    ("you have the wrong number", "wrong_person", "neutral", "c"),
    ("what a strange moon", "other", "positive", "b"),
)
CASES = pd.DataFrame(
    {"text": ["no more of this", "i cannot stop smiling"], "opt_out": [True, False]}
)


@pytest.fixture
def policy(rules: RuleSet) -> Policy:
    return rules.policy


def frame(*left_out: str) -> pd.DataFrame:
    rows = [row for row in ROWS if row[1] not in left_out]
    return pd.DataFrame(rows, columns=["text", "intent", "sentiment", "group"])


def test_labels_become_codes(policy: Policy) -> None:
    material = gather(frame(), None, policy)

    assert material.names == ("opt_out", "order_status", "other", "wrong_person")
    assert material.intents.tolist() == [0, 1, 3, 2]
    codes = dict(zip(SENTIMENTS, range(3), strict=True))
    assert material.sentiments.tolist() == [
        codes["negative"],
        UNKNOWN,
        codes["neutral"],
        codes["positive"],
    ]
    assert material.replies == 4


def test_who_never_agreed_to_texts_may_have_asked_to_stop_or_not(
    policy: Policy,
) -> None:
    assert gather(frame(), None, policy).opt_outs.tolist() == [1, 0, UNKNOWN, 0]


def test_it_is_the_policy_that_names_the_roles(policy: Policy) -> None:
    line = replace(policy.intents["opt_out"], role=None)
    stopper = replace(policy.intents["order_status"], role=Role.OPT_OUT)
    number = replace(policy.intents["wrong_person"], closes_consent=False)
    off = replace(policy.intents["other"], role=None)
    names = ("opt_out", "order_status", "wrong_person", "other")
    changed = dict(zip(names, (line, stopper, number, off), strict=True))
    other = replace(policy, intents={**policy.intents, **changed})

    material = gather(frame(), None, other)

    assert material.opt_outs.tolist() == [0, 1, 0, 0]
    assert material.outside is None


def test_labels_without_an_opt_out_tell_nothing_of_it(policy: Policy) -> None:
    material = gather(frame("opt_out"), None, policy)

    assert material.opt_outs.tolist() == [UNKNOWN] * 3


def test_the_intent_of_what_no_other_is_about_is_known(policy: Policy) -> None:
    assert gather(frame(), None, policy).outside == 2
    assert gather(frame("other"), None, policy).outside is None


def test_cases_come_behind_the_replies_and_tell_opt_outs_alone(policy: Policy) -> None:
    material = gather(frame(), CASES, policy)

    assert list(material.texts[4:]) == CASES["text"].tolist()
    assert material.replies == 4
    assert material.opt_outs.tolist() == [1, 0, UNKNOWN, 0, 1, 0]
    assert material.intents[4:].tolist() == [UNKNOWN, UNKNOWN]
    assert material.sentiments[4:].tolist() == [UNKNOWN, UNKNOWN]
    assert len(material.family) == 6


def test_cases_teach_opt_outs_to_labels_that_have_none(policy: Policy) -> None:
    material = gather(frame("opt_out"), CASES, policy)

    assert material.opt_outs.tolist() == [UNKNOWN] * 3 + [1, 0]


def test_no_cases_are_as_none(policy: Policy) -> None:
    nothing = gather(frame(), CASES[:0], policy)

    assert nothing.texts == gather(frame(), None, policy).texts


def test_a_case_like_a_reply_is_of_its_family(policy: Policy) -> None:
    cases = pd.DataFrame({"text": ["Leave me in peace!!", "go"], "opt_out": [1, 1]})

    family = gather(frame(), cases, policy).family

    # Replies of one group are together; the case joins the reply that it repeats.
    assert family[1] == family[3]
    assert family[4] == family[0]
    assert len(set(family.tolist())) == 4


def test_the_lesson_has_everything_in_the_same_order(policy: Policy) -> None:
    material = gather(frame(), CASES, policy)

    lesson = material.lesson

    assert lesson.texts == material.texts
    assert lesson.names == material.names
    assert np.array_equal(lesson.intents, material.intents)
    assert np.array_equal(lesson.sentiments, material.sentiments)
    assert np.array_equal(lesson.opt_outs, material.opt_outs)


def test_outliers_are_mixed_and_the_same_every_time() -> None:
    first = outliers()
    outliers.cache_clear()

    assert outliers() == first
    assert first != tuple(sorted(first))


def directions(degrees: list[float]) -> Floats:
    turned = np.radians(degrees)
    return np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)


def test_an_outsider_that_is_at_home_here_is_none() -> None:
    near = directions([0, 2, 4, 6, 8, 10, 12, 30])

    kept = unlike(near, directions([5, 90, 21, 180]))

    # Replies lie 2 degrees from one another.
    assert kept.tolist() == [False, True, True, True]


def test_how_near_is_usual_is_learned_from_a_sample_of_many() -> None:
    near = directions(list(np.linspace(0, 90, 5_000)))

    kept = unlike(near, directions([45, 91, 120]))

    assert kept.tolist() == [False, True, True]


def test_tokens_are_counted_as_the_classifier_cuts_them() -> None:
    texts = ["where is my box", "where is zzz", "now " * (MAX_TOKENS + 9), "WHERE zzz"]

    told = tokens_of(word_bag().tokenizer, texts)

    assert told.length.tolist() == [4, 3, MAX_TOKENS, 2]
    assert told.unknown.tolist() == [0, 1, 0, 2]


def test_a_tokenizer_may_have_no_token_for_the_unknown() -> None:
    bare = Tokenizer(WordLevel({"box": 0}, unk_token="box"))  # noqa: S106 - a word

    assert unknown_token(bare.to_str().encode()) == -1
    assert unknown_token(word_bag().tokenizer) == WORDS.index("[UNK]")
