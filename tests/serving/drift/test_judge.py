"""Days judged: a fast, seeded part of what `benchmarks/drift.py` measures."""

import json
from datetime import date

import numpy as np
import pytest

from serving.drift.drift_day import TRAFFIC, TRAINING, DriftDay, from_body
from serving.drift.judge import CONFIDENCE, INTENTS, LANGUAGES, MEANING
from serving.drift.sample import Sample
from tests.serving.drift.making import (
    INTENTS as NAMES,
)
from tests.serving.drift.making import (
    NEW,
    Diary,
    chance,
    joined,
    labelled,
    replies,
    some,
)

SIZE = 240


@pytest.fixture(scope="module")
def diary() -> Diary:
    """Return 24 usual days; they are only looked at."""
    draw = chance(11)
    diary = Diary(labelled(draw))
    for day in range(24):
        diary.write(replies(some(SIZE, draw), draw, people=f"d{day}-"))
    return diary


@pytest.fixture
def draw() -> np.random.Generator:
    return chance(12)


def usual(draw: np.random.Generator, **told: object) -> Sample:
    return replies(some(SIZE, draw), draw, people="now-", **told)  # type: ignore[arg-type]


def test_usual_days_are_seldom_called_unusual(
    diary: Diary, draw: np.random.Generator
) -> None:
    told = [diary.judged(usual(draw)) for _ in range(12)]

    assert not any(day.learning for day in told)
    assert sum(day.unusual for day in told) <= 1


def test_the_first_days_are_held_against_training_and_only_learn(
    diary: Diary,
) -> None:
    first, fourth, fourteenth = diary.days[0], diary.days[3], diary.days[13]

    assert first.reference == TRAINING
    assert first.measure(CONFIDENCE) is None
    assert (fourth.reference, fourth.reference_days) == (TRAFFIC, 3)
    assert first.learning
    assert fourth.learning
    assert not fourteenth.learning
    assert fourteenth.known_days == 10


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_a_new_intent_is_found_by_its_words_and_its_place(
    diary: Diary, draw: np.random.Generator, share: float
) -> None:
    planted = replies([NEW] * int(SIZE * share), draw, people="new-")
    told = diary.judged(joined([usual(draw), planted]))

    assert told.unusual
    [group] = told.groups
    assert group.people == len(planted)
    assert set(group.words) <= {word for text in planted.texts for word in text.split()}
    assert all(one.startswith("new-") for one in group.examples)
    assert group.read_as == "intent_0"
    assert {word.word for word in told.words} <= {
        word for text in planted.texts for word in text.split()
    }


def test_an_intent_that_takes_another_s_share_is_named(
    diary: Diary, draw: np.random.Generator
) -> None:
    intents = some(SIZE, draw)
    intents[:60] = ["intent_2"] * 60

    told = diary.judged(replies(intents, draw))

    measure = told.measure(INTENTS)
    assert measure
    assert measure.unusual
    assert told.moved_intents[0].label == "intent_2"
    assert told.groups == ()


def test_another_language_is_named(diary: Diary, draw: np.random.Generator) -> None:
    spanish = replies(some(40, draw), draw, language="es", people="es-")

    told = diary.judged(joined([usual(draw), spanish]))

    measure = told.measure(LANGUAGES)
    assert measure
    assert measure.unusual
    assert told.moved_languages[0].label in {"es", "en"}


def test_less_confidence_is_seen(diary: Diary, draw: np.random.Generator) -> None:
    told = diary.judged(usual(draw, sure=0.8))

    measure = told.measure(CONFIDENCE)
    assert measure
    assert measure.unusual
    assert told.confidence == pytest.approx(0.8, abs=0.02)
    assert told.confidence_before == pytest.approx(0.9, abs=0.02)


def test_another_meaning_is_seen(diary: Diary, draw: np.random.Generator) -> None:
    sample = usual(draw)
    turned = np.roll(sample.vectors, 8, axis=1)
    mixed = np.where(draw.random((SIZE, 1)) < 0.6, turned, sample.vectors)
    told = diary.judged(
        Sample(
            sample.ids,
            sample.people,
            sample.texts,
            sample.intents,
            sample.languages,
            sample.confidence,
            mixed.astype(np.float32),
        )
    )

    measure = told.measure(MEANING)
    assert measure
    assert measure.unusual
    assert told.from_training
    last = diary.days[-1].from_training
    assert last
    assert told.from_training.distance > 2 * last.distance


def test_one_person_who_says_much_makes_nothing_new(
    diary: Diary, draw: np.random.Generator
) -> None:
    planted = replies([NEW] * 30, draw)
    one = Sample(
        planted.ids,
        ("somebody",) * 30,
        planted.texts,
        planted.intents,
        planted.languages,
        planted.confidence,
        planted.vectors,
    )

    told = diary.judged(joined([usual(draw), one]))

    assert told.words == ()
    assert told.groups == ()


def test_too_few_replies_say_nothing(diary: Diary, draw: np.random.Generator) -> None:
    told = diary.judged(replies(NAMES, draw))

    assert told.measures == ()
    assert not told.unusual


def test_a_day_is_judged_alike_by_whoever_judges_it(
    diary: Diary, draw: np.random.Generator
) -> None:
    sample = usual(draw)

    assert diary.judged(sample) == diary.judged(sample)


def test_a_day_comes_back_from_json(diary: Diary, draw: np.random.Generator) -> None:
    planted = replies([NEW] * 24, draw, people="new-")
    told = diary.judged(joined([usual(draw), planted]))

    body = json.loads(json.dumps(told.to_body()))

    assert from_body(body) == told
    assert isinstance(told, DriftDay)
    assert isinstance(told.day, date)
    with pytest.raises(ValueError, match="expected format 1"):
        from_body(body | {"format": 2})
