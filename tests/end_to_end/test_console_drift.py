"""The Drift page, as an analyst meets it in a browser."""

from datetime import timedelta
from typing import Literal

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from serving.ids import now
from serving.routing.ruleset import RuleSet
from tests.browser import axe, visit
from tests.serving.drift.store import NEW, Calendar, bag_live, look_at_all, watch_of

DAY = timedelta(days=1)
PHONE = 360


@pytest.fixture
def looked_at(engine: sa.Engine, rules: RuleSet) -> None:
    """Look at two weeks of replies; yesterday something new was said."""
    yesterday = now().date() - DAY
    calendar = Calendar(engine)
    for number in range(14):
        calendar.usual(yesterday - number * DAY, 60)
    calendar.put(yesterday, NEW * 5)
    look_at_all(watch_of(engine, now), bag_live(rules))


@pytest.mark.usefixtures("looked_at")
@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", PHONE)], ids=["wide", "phone"]
)
def test_it_says_what_was_unusual_to_everybody(
    browser: Browser,
    address: str,
    engine: sa.Engine,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    with visit(
        browser, address, engine=engine, role="analyst", scheme=scheme, width=width
    ) as page:
        page.goto("/console/drift")

        expect(page.locator("#status-title")).to_contain_text("looked unlike")
        page.wait_for_function("document.querySelectorAll('canvas').length == 5")
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width

        page.get_by_role("link", name="90 days").click()
        expect(page).to_have_url(f"{address}/console/drift?days=90")
        example = page.locator("[data-numbers='words'] a").first
        path = example.get_attribute("href")
        example.click()
        expect(page).to_have_url(f"{address}{path}")
