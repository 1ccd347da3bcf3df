from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from model.prediction import Floats
from tests.training.tiny_bert import tiny_encoder, tiny_lesson
from training.crossfit import (
    FOLDS,
    FOLDS_OF_FEW,
    OUTSIDE_LIMIT,
    CrossFit,
    Judged,
    average,
    cross_fit,
    deal,
    gone_through,
)
from training.encoder import embed_with
from training.heads import Codes
from training.tune import FEW, OUTSIDE, Lesson, Tuned, tune

pytestmark = pytest.mark.usefixtures("one_thread")

EACH = 8
ROWS = 3 * EACH
HELD = [np.arange(ROWS)[np.arange(ROWS) % 3 == fold] for fold in (2, 0, 1)]
STRANGE = ("where is my box", "when do you close", "want my money", "open now", "box")


def fitted(
    lesson: Lesson,
    outside: Sequence[str] = STRANGE,
    held: Sequence[Codes] = HELD,
    progress: list[int] | None = None,
) -> CrossFit:
    told = progress if progress is not None else []
    return cross_fit(
        tiny_encoder(),
        lesson,
        held,
        outside,
        seed=3,
        progress=told.append,
    )


def beside(judged: Judged) -> Floats:
    """Return everything that is said of each text, side by side."""
    columns = (judged.intent, judged.sentiment, judged.opt_out)
    return np.column_stack(columns).astype(np.float32)


def without(fold: int, outside: Sequence[str]) -> Tuned:
    """Return what is tuned by hand without a fold's replies and outsiders."""
    kept = np.setdiff1d(np.arange(ROWS), HELD[fold])
    part = tiny_lesson(EACH).part(kept)
    shown = [text for number, text in enumerate(outside) if number % 3 != fold]
    part = part.joined(shown, OUTSIDE)
    return tune(tiny_encoder(), part, seed=3 + fold, progress=lambda _: None)


@pytest.fixture(scope="module")
def fit() -> CrossFit:
    return fitted(tiny_lesson(EACH))


@pytest.mark.parametrize("field", ["intents", "sentiments", "opt_outs"])
def test_a_label_has_no_say_in_how_its_own_reply_is_judged(
    fit: CrossFit, field: str
) -> None:
    lesson = tiny_lesson(EACH)
    lied = getattr(lesson, field).copy()
    lied[4] = (lied[4] + 1) % 2

    changed = fitted(replace(lesson, **{field: lied}))

    same = (beside(changed.judged) == beside(fit.judged)).all(axis=1)
    # The reply's whole fold was judged by a model that never saw it; others did.
    assert np.flatnonzero(same).tolist() == HELD[2].tolist()
    assert 4 in HELD[2]


def test_each_reply_is_judged_by_the_model_that_was_tuned_without_it(
    fit: CrossFit,
) -> None:
    model = without(1, STRANGE)
    texts = tiny_lesson(EACH).part(HELD[1]).texts

    rows = embed_with(model.body, tiny_encoder().tokenizer, texts)

    assert np.array_equal(fit.judged.intent[HELD[1]], model.intent.logits(rows))
    assert np.array_equal(fit.judged.sentiment[HELD[1]], model.sentiment.logits(rows))
    assert np.array_equal(fit.judged.opt_out[HELD[1]], model.opt_out.logits(rows))


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_each_outsider_is_judged_by_a_model_that_did_not_learn_from_it(
    fit: CrossFit, fold: int
) -> None:
    model = without(fold, STRANGE)

    rows = embed_with(model.body, tiny_encoder().tokenizer, STRANGE[fold::3])

    assert len(fit.outside.intent) == len(STRANGE)
    assert np.array_equal(fit.outside.intent[fold::3], model.intent.logits(rows))


def test_outsiders_are_at_most_a_share_of_what_is_learned() -> None:
    told: list[int] = []
    many = STRANGE * 20

    fitted(tiny_lesson(EACH), many, progress=told)

    kept = ROWS - EACH
    each = kept + int(OUTSIDE_LIMIT * kept)
    assert sum(told) == gone_through(HELD, many)
    assert gone_through(HELD, many) / gone_through(HELD, []) == each / kept


def test_without_outsiders_none_is_judged() -> None:
    outside = fitted(tiny_lesson(2), (), [np.arange(3), np.arange(3, 6)]).outside

    assert outside.intent.shape == (0, 3)
    assert outside.opt_out.shape == (0, 2)


def test_the_final_model_is_the_mean_of_all(fit: CrossFit) -> None:
    models = [without(fold, STRANGE) for fold in range(3)]

    mean = average(models)

    for name, weight in mean.body.state_dict().items():
        each = torch.stack([model.body.state_dict()[name] for model in models])
        assert torch.equal(weight, each.mean(0))
        assert torch.equal(weight, fit.tuned.body.state_dict()[name])
    for head in ("intent", "sentiment", "opt_out"):
        heads = [getattr(model, head) for model in models]
        assert getattr(mean, head).weight == pytest.approx(
            np.mean([one.weight for one in heads], axis=0), abs=1e-5
        )
        assert getattr(mean, head).bias == pytest.approx(
            np.mean([one.bias for one in heads], axis=0), abs=1e-5
        )
        assert np.array_equal(
            getattr(fit.tuned, head).weight, getattr(mean, head).weight
        )
    assert mean.body.layers == models[0].body.layers


def test_averaging_leaves_the_models_alone() -> None:
    first, second = without(0, STRANGE), without(1, STRANGE)
    before = {k: v.clone() for k, v in first.body.state_dict().items()}

    average([first, second])

    after = first.body.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_seed_gives_the_same_again(fit: CrossFit) -> None:
    again = fitted(tiny_lesson(EACH))

    assert np.array_equal(beside(again.judged), beside(fit.judged))
    assert np.array_equal(beside(again.outside), beside(fit.outside))


@pytest.mark.parametrize("rows", [300, FEW], ids=["few", "many"])
def test_every_reply_is_dealt_once_and_families_stay_whole(rows: int) -> None:
    rng = np.random.default_rng(1)
    codes, families = rng.integers(0, 5, rows), rng.integers(0, rows // 4, rows)

    held = deal(codes, families, seed=1)

    assert len(held) == (FOLDS_OF_FEW if rows < FEW else FOLDS)
    assert np.sort(np.concatenate(held)).tolist() == list(range(rows))
    parts = [set(families[part].tolist()) for part in held]
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_labels_are_dealt_evenly() -> None:
    codes = np.repeat(np.arange(4), [60, 40, 20, 12])

    held = deal(codes, np.arange(len(codes)), seed=1)

    shares = np.array([np.bincount(codes[part], minlength=4) for part in held])
    assert (shares == [15, 10, 5, 3]).all()


def test_a_label_with_fewer_replies_than_folds_is_dealt() -> None:
    codes = np.array([0] * 40 + [1] * 2)

    held = deal(codes, np.arange(42), seed=1)

    assert sum((codes[part] == 1).any() for part in held) == 2
