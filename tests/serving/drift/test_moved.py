from collections import Counter

import pytest

from serving.drift.moved import moved
from tests.serving.drift.making import chance, some


def days(count: int, seed: int) -> list[Counter[str]]:
    draw = chance(seed)
    return [Counter(some(1000, draw)) for _ in range(count)]


def test_a_label_that_takes_twice_its_share_is_named_first() -> None:
    before = days(20, 1)
    now = Counter(before[0])
    now["intent_3"] += 150

    found = moved(now, before)

    assert found[0].label == "intent_3"
    assert found[0].p < 0.005
    assert found[0].share.estimate == pytest.approx(now["intent_3"] / now.total())
    assert found[0].usual == pytest.approx(0.125, abs=0.02)


def test_a_label_that_was_never_there_is_looked_at() -> None:
    before = days(20, 2)
    now = before[0] + Counter({"intent_new": 30})

    found = moved(now, before)

    assert (found[0].label, found[0].usual) == ("intent_new", 0)
    assert found[0].p < 0.001


def test_a_label_that_vanishes_is_named() -> None:
    before = days(20, 3)
    now = Counter({k: n for k, n in before[0].items() if k != "intent_5"})

    assert moved(now, before)[0].label == "intent_5"


def test_usual_days_are_seldom_called_moved() -> None:
    found = [moved(day[-1], day[:-1])[0].p for day in (days(15, n) for n in range(60))]

    # Of 60 usual days 3 are expected; 10 or more would come once in a thousand.
    assert sum(p <= 0.05 for p in found) < 10


def test_a_handful_of_replies_is_not_looked_at() -> None:
    before = days(20, 4)

    assert "rare" not in {
        one.label for one in moved(before[0] + Counter(rare=4), before)
    }
