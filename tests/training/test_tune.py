from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import softmax

from model.prediction import Floats
from tests.training.tiny_bert import BLOCKS, tiny_encoder, tiny_lesson
from training.encoder import embed_with, tokenize
from training.tune import FEW, OUTSIDE, UNKNOWN, Lesson, Tuned, epochs_for, tune

pytestmark = pytest.mark.usefixtures("one_thread")

HEADS = ("intent", "sentiment", "opt_out")
WORDS = "words.weight"
EACH = 48
STRANGE = ("please want today now", "want now please today", "today please now want")


def tuned(
    lesson: Lesson, seed: int = 1, progress: Callable[[int], None] = lambda _: None
) -> Tuned:
    return tune(tiny_encoder(), lesson, seed=seed, progress=progress)


def embedded(model: Tuned, texts: Sequence[str]) -> Floats:
    return embed_with(model.body, tiny_encoder().tokenizer, texts)


def numbers(model: Tuned) -> Floats:
    """Return all weights in a row."""
    heads = [getattr(model, name) for name in HEADS]
    return np.concatenate(
        [
            *(weight.numpy().ravel() for weight in model.body.state_dict().values()),
            *(part.ravel() for head in heads for part in (head.weight, head.bias)),
        ]
    )


@pytest.fixture(scope="module")
def learned() -> Tuned:
    return tuned(tiny_lesson(EACH))


def test_what_is_taught_is_learned(learned: Tuned) -> None:
    lesson = tiny_lesson(EACH)

    rows = embedded(learned, lesson.texts)

    assert (learned.intent.logits(rows).argmax(1) == lesson.intents).all()
    assert (learned.opt_out.logits(rows).argmax(1) == lesson.opt_outs).all()


def test_one_layer_is_pooled_and_only_words_that_are_met_learn(learned: Tuned) -> None:
    before, after = tiny_encoder().body.state_dict(), learned.body.state_dict()
    ids = tokenize(tiny_encoder().tokenizer, tiny_lesson(EACH).texts)
    met = sorted({word for row in ids for word in row})

    assert learned.body.layers == (BLOCKS,)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert {name for name in moved if not name.startswith("blocks.")} == {WORDS}
    words = (before[WORDS] != after[WORDS]).any(dim=1)
    assert torch.nonzero(words).ravel().tolist() == met
    assert len(met) < len(words)


def test_the_encoder_that_is_tuned_is_left_alone() -> None:
    encoder = tiny_encoder()

    tune(encoder, tiny_lesson(4), seed=1, progress=lambda _: None)

    whole = tiny_encoder().body.state_dict()
    kept = encoder.body.state_dict()
    assert all(torch.equal(kept[name], whole[name]) for name in whole)
    assert encoder.body.layers == (BLOCKS, 0)


def test_a_seed_gives_the_same_weights_again() -> None:
    first, again, other = (numbers(tuned(tiny_lesson(8), seed)) for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_reply_that_is_gone_through_is_told() -> None:
    told: list[int] = []

    tuned(tiny_lesson(12), progress=told.append)

    assert sum(told) == 3 * 12 * epochs_for(3 * 12)


def test_few_replies_are_gone_through_oftener() -> None:
    assert epochs_for(FEW - 1) > epochs_for(FEW)


def test_intents_are_directions_of_one_length(learned: Tuned) -> None:
    lengths = np.linalg.norm(learned.intent.weight, axis=1)

    assert lengths == pytest.approx(np.full(3, lengths[0]))


@pytest.mark.parametrize("task", [None, "intents", "sentiments", "opt_outs"])
def test_a_reply_teaches_what_it_tells_and_no_more(task: str | None) -> None:
    def weights(text: str) -> Floats:
        lesson = tiny_lesson(8).joined([text], UNKNOWN)
        lesson.opt_outs[-1] = UNKNOWN
        if task:
            getattr(lesson, task)[-1] = 1
        return numbers(tuned(lesson))

    # Of one length, as the drawing of dropout goes by the length of a batch; and of
    # words that no other reply has, as a word that is met again has momentum.
    one, other = weights("please store today"), weights("today now store")
    same = np.allclose(one, other, rtol=0, atol=1e-6)

    assert same == (task is None)


@pytest.mark.parametrize("head", ["sentiment", "opt_out"])
def test_a_head_that_is_told_nothing_learns_nothing(head: str) -> None:
    def weight(lesson: Lesson) -> Floats:
        told: Floats = getattr(tuned(lesson), head).weight
        return told

    lesson = tiny_lesson(8)
    turned = replace(lesson, texts=lesson.texts[::-1])
    silent, silent_turned = lesson.part(np.arange(24)), turned.part(np.arange(24))
    for told in (silent, silent_turned):
        getattr(told, f"{head}s")[:] = UNKNOWN

    assert np.array_equal(weight(silent), weight(silent_turned))
    assert not np.array_equal(weight(lesson), weight(turned))


def test_outsiders_look_like_each_intent_equally_little(learned: Tuned) -> None:
    def read(model: Tuned) -> Floats:
        logits = model.intent.logits(embedded(model, STRANGE))
        return np.asarray(softmax(logits, axis=1), dtype=np.float32)

    def taught(intent: int) -> Floats:
        return read(tuned(tiny_lesson(EACH).joined(STRANGE * 12, intent)))

    outside = taught(OUTSIDE)

    assert (outside.max(1) < read(learned).max(1) - 0.1).all()
    for intent in range(3):
        assert (outside[:, intent] < taught(intent)[:, intent] - 0.1).all()


def test_outsiders_may_have_an_intent_of_their_own() -> None:
    lesson = tiny_lesson(EACH)
    names = [*lesson.names, "other"]

    model = tuned(replace(lesson, names=names).joined(STRANGE * 12, 3))

    told = model.intent.logits(embedded(model, STRANGE)).argmax(1)
    assert told.tolist() == [3, 3, 3]


def test_joined_texts_ask_for_no_stop_where_that_is_known() -> None:
    lesson = tiny_lesson(2)
    silent = replace(lesson, opt_outs=np.full(6, UNKNOWN))

    joined = lesson.joined(STRANGE[:2], OUTSIDE)

    assert list(joined.texts) == [*lesson.texts, *STRANGE[:2]]
    assert joined.intents[6:].tolist() == [OUTSIDE, OUTSIDE]
    assert joined.sentiments[6:].tolist() == [UNKNOWN, UNKNOWN]
    assert joined.opt_outs[6:].tolist() == [0, 0]
    assert silent.joined(STRANGE[:1], OUTSIDE).opt_outs.tolist() == [UNKNOWN] * 7


def test_a_part_keeps_rows_together() -> None:
    lesson = tiny_lesson(4)

    part = lesson.part(np.array([9, 0, 5]))

    assert part.texts == [lesson.texts[row] for row in (9, 0, 5)]
    for field in ("intents", "sentiments", "opt_outs"):
        assert np.array_equal(getattr(part, field), getattr(lesson, field)[[9, 0, 5]])
    assert part.names == lesson.names
