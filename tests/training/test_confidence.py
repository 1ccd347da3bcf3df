import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_softmax, logsumexp, softmax

from training.confidence import (
    OUTSIDE_SHARE,
    SIGNALS,
    ConfidenceHead,
    Seen,
    Tokens,
    fit_confidence,
    signals,
    without_label,
)
from training.evaluation import calibration_error
from training.heads import Codes, Doubles

ENERGY = SIGNALS.index("energy")


def seen(logits: ArrayLike, length: ArrayLike = 8, unknown: ArrayLike = 0) -> Seen:
    rows = np.asarray(logits, dtype=np.float64)
    count = len(rows)
    return Seen(
        rows,
        Tokens(
            np.broadcast_to(np.asarray(length, dtype=np.int64), count).copy(),
            np.broadcast_to(np.asarray(unknown, dtype=np.int64), count).copy(),
        ),
    )


def insiders(rng: np.random.Generator, rows: int) -> tuple[Seen, NDArray[np.bool_]]:
    """Return honest predictions: labels are drawn from the softmax of the logits."""
    logits = rng.normal(scale=3, size=(rows, 6))
    below = softmax(logits, 1).cumsum(1) < rng.random((rows, 1))
    lengths = rng.integers(4, 16, rows)
    return seen(logits, lengths), below.sum(1) == logits.argmax(1)


def outsiders(rng: np.random.Generator, rows: int) -> Seen:
    """Return predictions of texts unlike any label: low logits, wrong every time."""
    logits = rng.normal(size=(rows, 6)) - 3
    return seen(logits, rng.integers(4, 16, rows))


def joined(*parts: Seen) -> Seen:
    return seen(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.tokens.length for part in parts]),
        np.concatenate([part.tokens.unknown for part in parts]),
    )


def test_signals_are_what_their_names_say() -> None:
    logits = np.array([[1.0, 3.0, 2.5], [0.0, -4.0, 1.0]])

    rows = signals(seen(logits, length=[10, 4], unknown=[0, 3]))

    told = dict(zip(SIGNALS, rows.T, strict=True))
    assert told["certainty"] == pytest.approx(log_softmax(logits, axis=1).max(1))
    assert told["lead"] == pytest.approx([0.5, 1.0])
    assert told["energy"] == pytest.approx(logsumexp(logits, axis=1))
    assert told["length"] == pytest.approx(np.log([10, 4]))
    assert told["unknown_words"] == pytest.approx([0, 0.75])


def test_confidence_is_that_it_is_inside_times_that_it_is_right_there() -> None:
    rng = np.random.default_rng(1)
    inside, right, typical = rng.normal(size=(3, len(SIGNALS))).astype(np.float32)
    head = ConfidenceHead(inside, right, np.array([0.5, -1], "f"), typical)
    replies = seen(rng.normal(size=(9, 4)), rng.integers(2, 9, 9), 1)

    confidence = head.confidence(replies)

    apart = signals(replies) - typical
    is_inside, is_right = expit(apart @ inside + 0.5), expit(apart @ right - 1)
    assert confidence == pytest.approx(is_inside * is_right)


def test_what_is_unlike_every_label_is_doubted_however_far_one_leads() -> None:
    rng = np.random.default_rng(2)
    head = fit_confidence(*insiders(rng, 5_000), [outsiders(rng, 2_000)])

    # The same lead and certainty, nine lower in every logit.
    at_home, astray = np.array([9.0, 0, 0, 0, 0, 0]), np.array([0.0, *[-9] * 5])

    assert head.confidence(seen([at_home]))[0] > 0.95
    assert head.confidence(seen([astray]))[0] < 0.5


@pytest.mark.parametrize("stand_ins", [500, 10_000])
def test_confidence_is_the_share_that_is_right(stand_ins: int) -> None:
    rng = np.random.default_rng(4)
    head = fit_confidence(*insiders(rng, 10_000), [outsiders(rng, stand_ins)])
    replies, right = insiders(rng, 17_000)
    strangers = outsiders(rng, round(17_000 * OUTSIDE_SHARE / (1 - OUTSIDE_SHARE)))

    confidence = head.confidence(joined(replies, strangers))

    true = np.concatenate([right, np.zeros(len(strangers.logits), dtype=bool)])
    assert calibration_error(confidence, true) < 0.03
    assert confidence.mean() == pytest.approx(true.mean(), abs=0.01)
    assert confidence[true].mean() > confidence[~true].mean() + 0.25


def test_without_outsiders_confidence_is_the_share_that_is_right_inside() -> None:
    rng = np.random.default_rng(5)
    head = fit_confidence(*insiders(rng, 10_000))
    replies, right = insiders(rng, 10_000)

    confidence = head.confidence(replies)

    assert calibration_error(confidence, right) < 0.03
    assert head.confidence(seen([[9.0, 0, 0, 0, 0, 0]]))[0] > 0.95


@pytest.mark.parametrize(("wrong", "rate"), [(0, 9 / 10), (8, 1 / 10)])
def test_where_all_are_alike_each_chance_is_laplaces(wrong: int, rate: float) -> None:
    replies = seen(np.tile([2.0, 0.0, 0.0], (8, 1)))

    head = fit_confidence(replies, np.arange(8) >= wrong)

    # All eight were inside, too.
    assert head.confidence(replies) == pytest.approx(np.full(8, rate * 9 / 10))


def test_each_source_of_outsiders_weighs_the_same() -> None:
    rng = np.random.default_rng(6)
    replies, right = insiders(rng, 4_000)
    few, others = outsiders(rng, 400), outsiders(rng, 400)
    others = seen(others.logits + 4, others.tokens.length)

    once = fit_confidence(replies, right, [few, others])
    often = fit_confidence(replies, right, [few, joined(*[others] * 9)])
    alone = fit_confidence(replies, right, [few])

    assert often.inside == pytest.approx(once.inside, rel=0.02)
    assert often.bias == pytest.approx(once.bias, rel=0.02)
    assert alone.inside[ENERGY] > 1.2 * once.inside[ENERGY]


@pytest.mark.parametrize("length", [2, 60])
def test_the_lengths_of_outsiders_teach_nothing(length: int) -> None:
    rng = np.random.default_rng(7)
    replies, right = insiders(rng, 4_000)
    strangers = outsiders(rng, 1_000)
    stretched = seen(strangers.logits, length)

    natural = fit_confidence(replies, right, [strangers])
    strange = fit_confidence(replies, right, [stretched])

    new = joined(*(seen(rng.normal(size=(50, 6)), n) for n in (2, 8, 60)))
    expected = natural.confidence(new)
    assert strange.confidence(new) == pytest.approx(expected, abs=0.01)


def test_outsiders_count_by_how_common_their_length_is_inside() -> None:
    rng = np.random.default_rng(8)
    replies, right = insiders(rng, 4_000)
    usual = outsiders(rng, 1_000)
    # Longer than any reply, and at home like none of the others.
    long = seen(rng.normal(size=(4_000, 6)) + 6, 60)

    def energy(outside: Seen) -> float:
        return float(fit_confidence(replies, right, [outside]).inside[ENERGY])

    alone, mixed, even = (
        energy(usual),
        energy(joined(usual, long)),
        energy(joined(usual, seen(long.logits, rng.integers(4, 16, 4_000)))),
    )

    # Four in five are long, but only one reply in eight is as long as the longest.
    assert alone > mixed > 0 > even


def test_the_length_of_a_reply_counts_where_it_tells_right_from_wrong() -> None:
    rng = np.random.default_rng(9)
    logits = np.tile([2.0, 1.0, 0.0], (4_000, 1))
    short = rng.random(4_000) < 0.5
    replies = seen(logits, np.where(short, 3, 12))
    right = rng.random(4_000) < np.where(short, 0.6, 0.9)

    confidence = fit_confidence(replies, right).confidence(replies)

    assert confidence[short].mean() == pytest.approx(0.6, abs=0.04)
    assert confidence[~short].mean() == pytest.approx(0.9, abs=0.04)


def test_words_that_nobody_taught_count_where_they_mislead() -> None:
    rng = np.random.default_rng(10)
    logits = np.tile([2.0, 1.0, 0.0], (4_000, 1))
    strange = rng.integers(0, 5, 4_000)
    right = rng.random(4_000) < 0.9 - 0.15 * strange

    head = fit_confidence(seen(logits, 8, strange), right)

    known, unknown = head.confidence(seen(logits[:2], 8, [0, 4]))
    assert known > 0.8
    assert unknown < 0.4


def test_a_source_without_rows_is_left_out() -> None:
    rng = np.random.default_rng(11)
    replies, right = insiders(rng, 500)
    strangers = outsiders(rng, 100)
    nothing = strangers.part(np.zeros(100, dtype=bool))

    head = fit_confidence(replies, right, [strangers, nothing])

    expected = fit_confidence(replies, right, [strangers]).confidence(replies)
    assert head.confidence(replies) == pytest.approx(expected)


def test_without_its_label_a_reply_is_taken_for_the_next() -> None:
    logits = np.array([[5.0, 1, 2], [0.0, 7, 3], [1.0, 2, 0]])
    codes: Codes = np.array([0, 1, 0])

    left = without_label(seen(logits, [3, 4, 5]), codes)

    assert left.logits.argmax(1).tolist() == [2, 2, 1]
    energy: Doubles = signals(left)[:, ENERGY]
    rest = [logsumexp([1, 2]), logsumexp([0, 3]), logsumexp([2, 0])]
    assert energy == pytest.approx(rest)
    assert left.tokens.length.tolist() == [3, 4, 5]
    assert logits[0, 0] == 5
