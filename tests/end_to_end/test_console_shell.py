"""The frame, the door and the Consent page, as a person meets them in a browser."""

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from serving import ids
from serving.console.by import By
from serving.console.passwords import hashed
from serving.console.users import add
from serving.console.viewer import Role
from serving.ledger.event import Kind, Source
from serving.store.database import writing
from tests.browser import axe, visit
from tests.serving.ledger.making import event, recorded

PHRASE = "a horse, a battery"
NUMBER = "+12025550142"
WORDS = "pls quit blowing up my phone"
PHONE = 360


def told(engine: sa.Engine) -> None:
    """Record that somebody opted out."""
    common: dict[str, Any] = {
        "number": NUMBER,
        "brand": "Fernhill",
        "program": "fernhill",
    }
    recorded(
        engine,
        event(Kind.OPT_IN, -60, source=Source.WEB, **common),
        event(Kind.OPT_OUT, source=Source.SMS_FREETEXT, text=WORDS, **common),
    )


def fits_in(page: Page) -> bool:
    """Return whether nothing makes the page wider than the window."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return wide


def test_somebody_signs_in_by_keyboard_and_out_again(
    browser: Browser, address: str, engine: sa.Engine
) -> None:
    with visit(browser, address) as page:
        page.goto("/console")
        expect(page.get_by_role("heading")).to_have_text("Nobody can sign in yet")
        assert axe(page) == []
        with writing(engine) as connection:
            by = By("operator:test", ids.now, ids.new_id)
            add(connection, "ann", Role.ADMIN, by, password=hashed(PHRASE))
        page.goto("/console/consent")
        expect(page.get_by_label("Name")).to_be_focused()
        page.keyboard.type("Ann")
        page.keyboard.press("Tab")
        page.keyboard.type("a guess of mine")
        page.keyboard.press("Enter")
        expect(page.locator(".problem")).to_contain_text("password is wrong")
        assert axe(page) == []
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type(PHRASE)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{address}/console/consent")
        page.get_by_text("ann", exact=True).first.click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_have_text("You are signed out.")


def test_keys_lead_from_page_to_page(
    browser: Browser, address: str, engine: sa.Engine
) -> None:
    with visit(browser, address, engine=engine, role="admin") as page:
        page.goto("/console/users")
        page.keyboard.press("Tab")
        expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("c")
        expect(page).to_have_url(f"{address}/console/consent")
        field = page.get_by_label("Number of a person")
        expect(field).to_be_focused()
        # A letter in a field is a letter.
        page.keyboard.type("gu")
        expect(field).to_have_value("gu")


def test_a_young_page_takes_no_letter_for_the_second_of_two(
    browser: Browser, address: str, engine: sa.Engine
) -> None:
    with visit(browser, address, engine=engine, role="admin") as page:
        page.goto("/console/users")
        page.keyboard.press("c")  # Long before the page is a second and a half old.
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        assert page.url == f"{address}/console/users"


def test_keys_that_are_turned_off_are_off_on_every_page(
    browser: Browser, address: str, engine: sa.Engine
) -> None:
    with visit(browser, address, engine=engine, role="admin") as page:
        keys = page.get_by_role("dialog", name="Keys")
        switch = page.get_by_label("Keyboard shortcuts")
        opener = page.get_by_role("button", name="Keys")
        page.goto("/console/users")
        page.keyboard.press("?")
        switch.uncheck()
        page.keyboard.press("Escape")
        page.goto("/console/consent")
        page.locator("main").focus()
        for key in ("?", "/", "g", "u"):
            page.keyboard.press(key)
        expect(page.locator("main")).to_be_focused()
        expect(keys).to_be_hidden()
        assert page.url == f"{address}/console/consent"

        page.goto("/console/review")
        opener.click()
        expect(switch).not_to_be_checked()
        switch.check()
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(keys).to_be_visible()


def test_where_fingers_point_keys_that_are_off_can_be_turned_on(
    browser: Browser, address: str, engine: sa.Engine
) -> None:
    with visit(browser, address, engine=engine, role="admin") as page:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        page.goto("/console/users")
        opener = page.get_by_role("button", name="Keys")
        expect(opener).to_be_hidden()
        page.keyboard.press("?")
        page.get_by_label("Keyboard shortcuts").uncheck()
        page.keyboard.press("Escape")

        expect(opener).to_be_visible()


def test_a_number_is_looked_up_proven_exported_and_erased(
    browser: Browser, address: str, engine: sa.Engine, tmp_path: Path
) -> None:
    told(engine)
    with visit(browser, address, engine=engine, role="admin") as page:
        page.goto("/console/consent")
        expect(page.get_by_label("Number of a person")).to_be_focused()
        page.keyboard.type("(202) 555-0142")
        page.keyboard.press("Enter")
        expect(page.locator("blockquote")).to_have_text(WORDS)
        assert page.url == f"{address}/console/consent"
        page.get_by_role("button", name="Verify the chain").click()
        expect(page.locator("#verdict")).to_contain_text("whole 2 entries")
        with page.expect_download() as download:
            page.get_by_role("button", name="Evidence as JSON").click()
        download.value.save_as(tmp_path / "evidence.json")
        body = json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"))
        assert [each["text"] for each in body["events"]] == [None, WORDS]
        page.get_by_text("Erase this person").click()
        assert axe(page) == []
        page.get_by_label("Why").fill("ticket 7")
        page.get_by_label("The number again").fill("+1 202 555 0143")
        page.get_by_role("button", name="Erase for good").click()
        expect(page.locator("#found")).to_contain_text("nothing was erased")
        page.get_by_label("Why").fill("ticket 7")
        page.get_by_label("The number again").fill("+1 202 555 0142")
        page.get_by_role("button", name="Erase for good").click()
        expect(page.get_by_role("status")).to_contain_text("2 ledger entries")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", PHONE)])
def test_every_page_of_the_frame_can_be_used_by_everybody(
    browser: Browser,
    address: str,
    engine: sa.Engine,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    told(engine)
    with visit(
        browser, address, engine=engine, role="admin", scheme=scheme, width=width
    ) as page:
        for path in ("consent", "users", "account", "nothing"):
            page.goto(f"/console/{path}")
            if path == "consent":
                page.get_by_label("Number of a person").fill(NUMBER)
                page.keyboard.press("Enter")
                expect(page.locator("blockquote")).to_be_visible()
            assert axe(page) == [], path
            assert fits_in(page), path
            assert page.title().endswith("replywise")
            assert not re.search(NUMBER.lstrip("+"), page.url)
