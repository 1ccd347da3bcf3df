"""The Overview, as a person meets it in a browser."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from serving.figures.waiting import settle, touched
from serving.ids import now
from serving.store.database import writing
from tests.browser import axe, visit
from tests.serving.figures.making import chance, record, some

PHONE = 360


@pytest.fixture
def visited(engine: sa.Engine) -> dict[str, int]:
    """Record an hour of replies; return how many each program got."""
    moment = now()
    rows = some(chance(), moment - timedelta(hours=1), moment, 120)
    record(engine, rows)
    with writing(engine) as connection:
        settle(connection, touched(rows))
    programs = [row["program"] for row in rows]
    return {program: programs.count(program) for program in programs}


def replies(page: Page) -> str:
    return page.locator(".figures dd").first.inner_text()


def drawn(page: Page) -> list[bool]:
    """Return of each canvas whether anything is drawn on it."""
    found: list[bool] = page.locator("canvas").evaluate_all(
        "all => all.map(each => each.getContext('2d')"
        ".getImageData(0, 0, each.width, each.height).data.some(value => value))"
    )
    return found


def test_a_program_is_chosen_without_leaving_the_page(
    browser: Browser, address: str, engine: sa.Engine, visited: dict[str, int]
) -> None:
    with visit(browser, address, engine=engine, role="qa") as page:
        page.goto("/console/overview?period=24h")
        assert replies(page) == str(sum(visited.values()))
        page.get_by_role("combobox", name="Program").select_option("fernhill_visits")
        expect(page).to_have_url(
            f"{address}/console/overview?period=24h&program=fernhill_visits&from=&to="
        )
        expect(page.locator(".figures dd").first).to_have_text(
            str(visited["fernhill_visits"])
        )
        page.wait_for_function("document.querySelectorAll('canvas').length == 7")
        page.wait_for_load_state("networkidle")
        assert drawn(page) == [True] * 7

        page.get_by_role("link", name="30 days").click()
        expect(page.get_by_role("combobox", name="Program")).to_have_value(
            "fernhill_visits"
        )
        with page.expect_download() as file:
            page.get_by_role("link", name="CSV of replies").click()
        assert file.value.suggested_filename.endswith("-30d.csv")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_for_everybody_and_every_screen(
    browser: Browser,
    address: str,
    engine: sa.Engine,
    visited: dict[str, int],
    scheme: str,
) -> None:
    assert visited
    dark = scheme == "dark"
    with visit(
        browser,
        address,
        engine=engine,
        role="analyst",
        scheme="dark" if dark else "light",
        width=PHONE if dark else 1280,
    ) as page:
        page.goto("/console/overview?period=24h")
        for numbers in page.get_by_text("Numbers", exact=True).all():
            numbers.press("Enter")
        expect(
            page.get_by_role("table", name="Replies by what was done")
        ).to_be_visible()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
