import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from serving.console.viewer import Role
from serving.drift.days import kept_days
from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet
from serving.store.database import reading
from tests.databases import KINDS, store
from tests.serving.console.desk import Desk, desk, rows
from tests.serving.drift.store import (
    FIRST,
    NEW,
    Calendar,
    bag_live,
    look_at_all,
    watch_of,
)
from tests.serving.drift.test_watch import morning_of

PAGE = "/console/drift"
DAYS = 15
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def bag(rules: RuleSet) -> LiveBundle:
    return bag_live(rules)


@pytest.fixture(scope="module", params=KINDS)
def watched(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    bag: LiveBundle,
) -> Iterator[Desk]:
    """Return a desk over a store of 15 days, the last of them with something new."""
    folder = tmp_path_factory.mktemp("drift")
    with (
        store(request.param, folder) as url,
        desk(bag, url, now=lambda: morning_of(DAYS)) as found,
    ):
        calendar = Calendar(found.engine)
        calendar.usual_days(DAYS)
        calendar.put(FIRST + (DAYS - 1) * DAY, NEW * 6)
        look_at_all(watch_of(found.engine, lambda: morning_of(DAYS)), bag)
        found.sign_in(Role.ANALYST)
        yield found


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def chart(html: str, name: str) -> dict[str, Any]:
    found = re.search(rf'id="{name}" data-chart="([^"]*)"', html)
    assert found
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told


def test_says_in_words_what_the_last_day_was_like(watched: Desk) -> None:
    told = words(watched.get(PAGE).text)

    assert "unusual Monday 16 November looked unlike the 14 days before: " in told
    assert "new words were said: " in told
    assert "“app” (18 people)" in told


def test_examples_lead_to_the_decisions(watched: Desk) -> None:
    html = watched.get(PAGE).text

    ids = re.findall(r'href="/console/review/(d\d+)"', html)
    assert len(ids) >= 5
    quoted = ", ".join(f"'{one}'" for one in ids)
    query = f"SELECT inputs FROM decisions WHERE decision_id IN ({quoted})"  # noqa: S608
    found = [json.loads(str(row[0]))["text"] for row in rows(watched.engine, query)]
    assert set(found) <= set(NEW)
    # The page itself holds nobody's words.
    assert not any(text in html for text in NEW)


def test_charts_hold_what_was_kept(watched: Desk) -> None:
    html = watched.get(PAGE).text
    with reading(watched.engine) as connection:
        days = kept_days(connection, FIRST, FIRST + 30 * DAY)

    accuracy = chart(html, "accuracy")
    assert accuracy["labels"][0] == "2 Nov"
    assert accuracy["series"][0]["values"] == [90.0] * DAYS
    distances = {s["name"]: s["values"] for s in chart(html, "distances")["series"]}
    measures = [day.measure("meaning") for day in days]
    expected = [one and round(one.apart.ratio, 3) for one in measures]
    assert distances["Meaning"] == expected
    # The first days are held against labelled replies, whose confidence says nothing.
    assert distances["Confidence"][:3] == [None] * 3


def test_a_period_is_chosen(watched: Desk) -> None:
    assert len(chart(watched.get(f"{PAGE}?days=90").text, "new")["labels"]) == DAYS
    assert watched.get(f"{PAGE}?days=elephants").status_code == 200


def test_an_empty_store_says_what_will_come(bag: LiveBundle, tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as url, desk(bag, url) as at:
        at.sign_in(Role.ADMIN)

        told = words(at.get(PAGE).text)

    assert "No day is over yet" in told


def test_a_day_that_only_learns_gives_no_verdict(
    bag: LiveBundle, tmp_path: Path
) -> None:
    with (
        store("sqlite", tmp_path) as url,
        desk(bag, url, now=lambda: morning_of(2)) as at,
    ):
        Calendar(at.engine).usual_days(2)
        look_at_all(watch_of(at.engine, lambda: morning_of(2)), bag)
        at.sign_in(Role.ADMIN)

        told = words(at.get(PAGE).text)

    assert "was held against the labelled replies" in told
    assert "None in these days." in told


def test_reviewers_are_not_let_in(quick_desk: Desk) -> None:
    quick_desk.sign_in(Role.QA)

    assert quick_desk.get(PAGE).status_code == 403
