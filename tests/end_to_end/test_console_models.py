"""The Models page, as a person meets it in a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from model.shelf import Shelf
from model.uses import CHALLENGER, CHAMPION, short
from serving.bundles.watcher import Watched
from serving.live import load_live
from tests.bag_bundle import bag_bundle
from tests.browser import axe, listening, visit
from tests.serving.bundles.making import ANSWERS, bag_on_disk
from tests.serving.console.desk import console_app
from tests.serving.console.test_models import FAILED, shadowed

PHONE = 360
PATIENCE = 20_000
"""Milliseconds until a bundle is taken up, on a machine that is busy."""


@dataclass(frozen=True, slots=True)
class Served:
    """A console over a shelf: `own` decides, `good` passed the gate, `bad` did not."""

    address: str
    shelf: Shelf
    own: str
    good: str
    bad: str


@pytest.fixture
def served(store_url: str, tmp_path: Path) -> Iterator[Served]:
    bundle, shelf = bag_bundle(), Shelf(tmp_path / "shelf")
    own = bag_on_disk(tmp_path / "own", bundle=bundle)
    bag_on_disk(tmp_path / "good", {"thresholds.json": ANSWERS}, bundle)
    bag_on_disk(tmp_path / "bad", {"thresholds.json": b'{"intents": {}}'}, bundle)
    good = shelf.add(tmp_path / "good", {"passed": True, "lines": []})
    bad = shelf.add(tmp_path / "bad", FAILED)
    watched = Watched(shelf, tmp_path / "own", every=0.1)
    app = console_app(load_live(tmp_path / "own"), store_url, watched=watched)
    with listening(app) as address:
        yield Served(address, shelf, own, good, bad)


def say_why(page: Page, why: str, button: str) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Why")).to_be_focused()
    page.keyboard.type(why)
    dialog.get_by_role("button", name=button).click()


def champion(page: Page, bundle_id: str) -> None:
    """Wait until the page says who decides, without being loaded again."""
    seat = page.get_by_role("region", name="Champion")
    expect(seat).to_contain_text(short(bundle_id), timeout=PATIENCE)
    expect(seat).to_contain_text("decides", timeout=PATIENCE)


def test_a_bundle_is_promoted_and_rolled_back(
    browser: Browser, served: Served, engine: sa.Engine
) -> None:
    with visit(browser, served.address, engine=engine, role="analyst") as page:
        page.goto("/console/models")
        page.get_by_role("button", name=f"Promote… {short(served.good)}").click()
        say_why(page, "answers where it may", "Promote")
        champion(page, served.good)
        expect(page.get_by_role("region", name="Champion")).to_contain_text(
            "answers where it may"
        )

        page.get_by_role("button", name="Roll back…").click()
        say_why(page, "answers too much", "Roll back")
        champion(page, served.own)

        history = page.get_by_role("region", name="History")
        expect(history).to_contain_text("rolled back to the service's own bundle")
        expect(history).to_contain_text("answers too much")
    assert [use.how.value for use in served.shelf.history()] == [
        "promoted",
        "rolled_back",
    ]


def test_a_question_that_is_put_away_changes_nothing(
    browser: Browser, served: Served, engine: sa.Engine
) -> None:
    with visit(browser, served.address, engine=engine, role="analyst") as page:
        page.goto("/console/models")
        page.get_by_role("button", name=f"Promote… {short(served.good)}").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        # Nor does one without a reason.
        page.get_by_role("button", name=f"Promote… {short(served.good)}").click()
        page.get_by_role("dialog").get_by_role("button", name="Promote").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert served.shelf.history() == []


def test_an_admin_alone_goes_against_the_gate(
    browser: Browser, served: Served, engine: sa.Engine
) -> None:
    button = f"Promote against the gate… {short(served.bad)}"
    with visit(browser, served.address, engine=engine, role="analyst") as page:
        page.goto("/console/models")
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    with visit(browser, served.address, engine=engine, role="admin") as page:
        page.goto("/console/models")
        page.get_by_role("button", name=button).click()
        page.get_by_role("checkbox").check()
        page.get_by_role("dialog").get_by_label("Why").focus()
        say_why(page, "the gate file is wrong", "Promote")
        champion(page, served.bad)
    assert served.shelf.live()[CHAMPION].reason == "forced: the gate file is wrong"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_for_everybody_and_every_screen(
    browser: Browser,
    served: Served,
    engine: sa.Engine,
    scheme: Literal["light", "dark"],
) -> None:
    why = {"actor": "user:Lee", "reason": "let us see"}
    with visit(
        browser, served.address, engine=engine, role="admin", scheme=scheme, width=PHONE
    ) as page:
        page.goto("/console/models")
        assert axe(page) == []
        for role, bundle in ((CHAMPION, served.good), (CHALLENGER, served.bad)):
            at = served.shelf.candidates()[-1].added_at
            served.shelf.promote(bundle, role=role, at=at, **why)
        kinds = ["", "", "opt_out", "action", "intent"]
        shadowed(engine, served.bad, kinds, served.shelf.live()[CHALLENGER].since)
        page.goto("/console/models")
        expect(page.locator("[data-figure=compared]")).to_have_text(str(len(kinds)))
        for summary in page.locator("summary:visible").all():
            summary.click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert axe(page) == []
        first = page.locator(".examples a").first
        expect(first).to_have_attribute("href", "/console/review/d2")
    assert wide == PHONE
