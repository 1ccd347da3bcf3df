import numpy as np
import pandas as pd
import yaml

from tests.training.suggest.planted import INTENTS, points, texts, unseen
from training.suggest.naming import telling_words
from training.suggest.new_intents import (
    Embed,
    NewIntent,
    draft_of,
    grouped,
    new_intents,
    strangers,
)
from training.suggest.unseen import Unseen

LABELLED = np.repeat(np.arange(4), 20)
GIFT = [f"balance on my gift card {n}" for n in "abcdefghijkl"]
JOBS = [f"are you hiring drivers {n}" for n in "abcdefghij"]
KNOWN = [f"where is it {n}" for n in "abcdefgh"]


def embedding(recent: pd.DataFrame, seen: Unseen) -> Embed:
    """Return what embeds the texts where `seen` has them."""
    places = dict(zip(recent["text"], seen.recent, strict=True))
    return lambda texts: np.stack([places[text] for text in texts])


def found() -> tuple[NewIntent, ...]:
    codes = np.array([5] * len(GIFT) + [6] * len(JOBS) + [0] * len(KNOWN))
    counts = [1] * len(GIFT) + [9] * len(JOBS) + [1] * len(KNOWN)
    recent = texts([*GIFT, *JOBS, *KNOWN], counts)
    seen = unseen(LABELLED, recent=points(codes, noise=0.03))
    return new_intents(recent, seen, "other", embedding(recent, seen))


def test_groups_that_no_intent_fits_are_named_by_their_words() -> None:
    jobs, gift = found()

    assert (jobs.texts, jobs.replies) == (10, 90)
    assert gift.texts == 12
    assert set(jobs.words) == {"hiring", "drivers"}
    assert set(gift.name.split("_")) <= {"balance", "gift", "card"}
    assert set(jobs.examples) <= set(JOBS)
    assert "other" not in jobs.neighbours


def test_a_draft_is_an_entry_of_the_taxonomy() -> None:
    jobs, _ = found()

    body = yaml.safe_load(jobs.draft)

    [(name, entry)] = body["intents"].items()
    assert name == jobs.name
    assert entry["means"].startswith("DRAFT")
    assert set(entry["not"].split(", ")) <= set(INTENTS)


def test_a_name_that_is_taken_gets_a_number() -> None:
    recent = texts([*GIFT, *(f"{text} x" for text in GIFT)])
    codes = np.array([5] * len(GIFT) + [6] * len(GIFT))
    seen = unseen(LABELLED, recent=points(codes, noise=0.03))

    one, two = new_intents(recent, seen, "other", embedding(recent, seen))

    assert two.name == f"{one.name}_2"


def test_what_is_read_as_outside_is_looked_at_however_sure() -> None:
    codes = np.array([1, 0, 5])
    seen = unseen(LABELLED, recent=points(codes, noise=0.01))

    assert strangers(seen, np.ones(3, dtype=np.int64), "other").tolist() == [0, 2]
    assert strangers(seen, np.ones(3, dtype=np.int64), None).tolist() == [2]


def test_few_strangers_are_no_group() -> None:
    few = texts(["a", "b", "c"])
    seen = unseen(LABELLED, recent=points(np.array([5, 5, 5])))

    assert new_intents(few, seen, "other", embedding(few, seen)) == ()


def test_what_is_like_nothing_else_stays_alone() -> None:
    codes = np.array([5] * 9 + [6, 7])

    [group] = grouped(points(codes))

    assert group.tolist() == list(range(9))


def test_words_that_stand_everywhere_tell_nothing() -> None:
    words = telling_words(
        [["order gift card", "order gift"], ["order driver job", "order job"], ["😀"]],
        1,
    )

    assert words == [["gift"], ["job"], []]


def test_a_group_of_signs_alone_has_no_words() -> None:
    assert telling_words([["😀"], ["👍"]], 3) == [[], []]
    assert telling_words([], 3) == []


def test_a_draft_says_what_it_is_not() -> None:
    draft = yaml.safe_load(draft_of("gift_card", ["a: b", "“c”"], ["refund"]))

    assert draft["intents"]["gift_card"]["not"] == "refund"
