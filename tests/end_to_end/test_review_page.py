"""The Review page in a real browser, worked by the keyboard alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, Page, Route, expect

from model.bundle import DEFAULT
from serving.console.viewer import Role
from serving.live import LiveBundle, load_live
from serving.reviews.finding import Finding
from serving.reviews.verdict import Verdict
from serving.store.database import open_store, reading, writing
from serving.store.review_tables import reviews
from tests.browser import axe, console_at, visit
from tests.databases import store
from tests.serving.reviews.making import (
    ANSWERED,
    ESCALATED,
    NOON,
    RIGHT,
    a_decision,
    a_draw,
    reviewed,
)

TWENTY = 20


@pytest.fixture(scope="module")
def shipped() -> LiveBundle:
    return load_live(DEFAULT)


@dataclass(slots=True)
class Queue:
    """A page at the queue, and the store behind it."""

    page: Page
    engine: sa.Engine

    def here(self) -> str:
        """Return which decision is looked at."""
        found = self.page.locator("#case > article").get_attribute("data-id")
        return found or ""

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at(self, decision_id: str) -> None:
        """Wait until a decision is looked at."""
        article = self.page.locator("#case > article")
        expect(article).to_have_attribute("data-id", decision_id)

    def counted(self, today: int) -> None:
        """Wait until the service has told how many are done."""
        words = f"{today} today"
        expect(self.page.locator("#progress")).to_contain_text(words)

    def found(self) -> dict[str, tuple[object, ...]]:
        """Return what stands in the store, by decision."""
        with reading(self.engine) as connection:
            rows = connection.execute(
                sa.select(reviews).where(reviews.c.undone_at.is_(None))
            ).all()
        return {
            row.decision_id: (row.kind, row.verdict, row.intent, row.queue, row.note)
            for row in rows
        }


@contextmanager
def at_queue(
    browser: Browser,
    live: LiveBundle,
    folder: Path,
    role: Role,
    *,
    count: int = TWENTY + 2,
    path: str = "/console/review",
) -> Iterator[Queue]:
    """Give the page with decisions drawn: every second one was given to a person."""
    with store("sqlite", folder) as url:
        engine = open_store(url)
        with writing(engine) as connection:
            for number in range(count):
                kind = ESCALATED if number % 2 else ANSWERED
                at = NOON + number * timedelta(minutes=1)
                name = f"d{number:02}"
                a_decision(
                    connection, name, kind, at=at, conversation=f"c{number // 3}"
                )
                a_draw(connection, name, place=number / 100)
        with (
            console_at(live, url) as address,
            visit(browser, address, engine=engine, role=role) as page,
        ):
            page.goto(path)
            yield Queue(page, engine)
        engine.dispose()


@pytest.mark.parametrize("role", list(Role))
def test_twenty_decisions_are_reviewed_by_keys_alone(
    browser: Browser, shipped: LiveBundle, tmp_path: Path, role: Role
) -> None:
    with at_queue(browser, shipped, tmp_path, role) as queue:
        queue.at("d00")
        queue.press("n")
        queue.page.keyboard.type("asked twice")
        queue.press("Enter", "w")
        queue.page.keyboard.type("refu")
        queue.press("Enter")
        queue.at("d01")
        queue.press("q", "ArrowDown", "Enter")
        given = ("e", "d", "t", "t", "m", "Space", "1", "Space", "6", "Space")
        for number, key in enumerate(given, start=2):
            queue.at(f"d{number:02}")
            queue.press(key)
        queue.at("d12")
        queue.press("u")
        for number in range(11, TWENTY):
            queue.at(f"d{number:02}")
            queue.press("Space")
        queue.at("d20")
        queue.counted(TWENTY)

        assert axe(queue.page) == []
        found = queue.found()

    right = ("drawn", "right", None, None, "")
    assert found == {f"d{n:02}": right for n in range(TWENTY)} | {
        "d00": ("drawn", "wrong_intent", "refund", None, "asked twice"),
        "d01": ("drawn", "wrong_queue", None, found["d01"][3], ""),
        "d02": ("drawn", "should_escalate", None, None, ""),
        "d03": ("drawn", "needless_escalation", None, None, ""),
        "d04": ("drawn", "wrong_words", None, None, ""),
        "d05": ("drawn", "wrong_words", None, None, ""),
        "d06": ("drawn", "missed_opt_out", "opt_out", None, ""),
        "d10": ("drawn", "wrong_words", None, None, ""),
    }
    assert found["d01"][3] in set(shipped.rules.policy.queues) - {"orders"}


def test_the_next_one_waits_for_no_answer(
    browser: Browser, shipped: LiveBundle, tmp_path: Path
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA) as queue:
        slow: list[Route] = []
        queue.page.route("**/drawn/d00", lambda route: slow.append(route))  # noqa: PLW0108 - playwright marks what it is given
        queue.press("Space")

        queue.at("d01")
        heading = queue.page.locator("#case [data-focus]")
        expect(heading).to_be_focused()
        expect(heading).to_contain_text("given to a person: orders")
        expect(queue.page.locator("#said")).to_have_text("Right.")
        assert queue.found() == {}
        queue.press("Space")
        queue.at("d02")
        slow[0].continue_()
        queue.counted(2)


def test_what_is_held_down_counts_once_and_what_is_skipped_comes_last(
    browser: Browser, shipped: LiveBundle, tmp_path: Path
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA, count=3) as queue:
        queue.press("s")
        queue.at("d01")
        queue.page.keyboard.down("Space")
        queue.page.keyboard.down("Space")  # As a key that is held down repeats.
        queue.page.keyboard.up("Space")
        queue.at("d02")
        queue.press("1")
        queue.at("d00")
        expect(queue.page.locator("#case")).to_contain_text("You skipped this one")
        queue.press("1")
        expect(queue.page.locator("#case")).to_contain_text("All reviewed.")
        queue.press("u")
        queue.at("d00")

        assert set(queue.found()) == {"d01", "d02"}


def test_why_is_told_after_the_page_is_there(
    browser: Browser, shipped: LiveBundle, tmp_path: Path
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA) as queue:
        why = queue.page.locator("#case .why")

        expect(why).to_contain_text("Words that carried order status")
        expect(why).to_contain_text("Nearest labelled replies")
        expect(why).to_contain_text("Another bundle decided this")


def test_what_was_not_taken_comes_back(
    browser: Browser, shipped: LiveBundle, tmp_path: Path
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA) as queue:
        queue.at("d00")
        queue.page.route("**/drawn/d00", lambda route: route.abort())
        queue.press("Space")

        queue.at("d00")
        expect(queue.page.locator("#trouble")).to_contain_text("does not answer")
        queue.page.unroute("**/drawn/d00")
        queue.press("Space")
        queue.at("d01")
        queue.counted(1)

        assert set(queue.found()) == {"d00"}


def test_who_was_slower_goes_on_with_the_next(
    browser: Browser, shipped: LiveBundle, tmp_path: Path
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA) as queue:
        queue.at("d00")
        with writing(queue.engine) as connection:
            connection.exec_driver_sql(
                "UPDATE review_holds SET until = '2020-01-01', user_id = 'away' "
                "WHERE decision_id = 'd00'"
            )
        queue.press("Space")

        queue.at("d01")
        expect(queue.page.locator("#trouble")).to_contain_text("not given to you")
        assert queue.found() == {}


def test_keys_can_be_turned_off(
    browser: Browser, shipped: LiveBundle, tmp_path: Path
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA) as queue:
        queue.press("?")
        expect(queue.page.locator("#keys")).to_contain_text("Should have escalated")
        queue.page.get_by_label("Keyboard shortcuts").uncheck()
        queue.press("Escape", "Space", "1")

        assert queue.here() == "d00"
        queue.page.locator("#case button[value=right]").click()
        queue.at("d01")


@pytest.mark.parametrize("first", ["button.primary", "textarea"])
@pytest.mark.parametrize("width", [1280, 800, 360])
def test_what_is_reached_by_tab_stays_above_the_verdicts(
    browser: Browser, shipped: LiveBundle, tmp_path: Path, width: int, first: str
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA) as queue:
        page, bar = queue.page, queue.page.locator("#case .verdicts")
        link = page.locator("#case .facts a")
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator("#case .why")).to_contain_text("Nearest labelled replies")
        if first == "textarea":
            queue.press("n")
        # As high as it takes for the last link before the verdicts to lie under them.
        page.set_viewport_size({"width": width, "height": int(edges(link)[1]) + 10})
        bar.locator(first).focus()
        assert edges(link)[0] > edges(bar)[0]
        queue.press("Shift+Tab")

        expect(link).to_be_focused()
        assert edges(link)[1] <= edges(bar)[0]
        scrolled = page.evaluate("scrollY")
        queue.press(*["Tab"] * 6)  # Through the verdicts, under which nothing moves.
        assert page.evaluate("scrollY") == scrolled


def edges(of: Locator) -> tuple[float, float]:
    """Return where something begins and ends on the screen, from above."""
    box = of.bounding_box()
    assert box is not None
    return box["y"], box["y"] + box["height"]


def test_an_analyst_decides_between_two_by_one_key(
    browser: Browser, shipped: LiveBundle, tmp_path: Path
) -> None:
    path = "/console/review/adjudicate"
    refund = Finding(Verdict.WRONG_INTENT, intent="refund")
    with at_queue(browser, shipped, tmp_path, Role.ANALYST, path=path) as queue:
        expect(queue.page.locator("#case")).to_contain_text("No two reviewers differ.")
        with writing(queue.engine) as connection:
            connection.exec_driver_sql("UPDATE sample_draws SET double = 1")
        for decision_id in ("d00", "d01"):
            reviewed(queue.engine, "ada", decision_id, RIGHT)
            reviewed(queue.engine, "bea", decision_id, refund)
        queue.page.reload()
        queue.at("d00")
        assert axe(queue.page) == []
        queue.press("b")
        queue.at("d01")
        queue.press("a")
        expect(queue.page.locator("#case")).to_contain_text("No two reviewers differ.")
        queue.counted(2)

        with reading(queue.engine) as connection:
            decided = connection.execute(
                sa.select(reviews.c.decision_id, reviews.c.verdict, reviews.c.intent)
                .where(reviews.c.kind == "adjudicated")
                .order_by(reviews.c.decision_id)
            ).all()
        assert [tuple(row) for row in decided] == [
            ("d00", "wrong_intent", "refund"),
            ("d01", "right", None),
        ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(
    browser: Browser, shipped: LiveBundle, tmp_path: Path, scheme: str
) -> None:
    with at_queue(browser, shipped, tmp_path, Role.QA) as queue:
        queue.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two
        queue.page.set_viewport_size({"width": 360, "height": 740})
        width = queue.page.evaluate("document.documentElement.scrollWidth")

        assert width == 360
        assert axe(queue.page) == []
        queue.page.locator("#case button[value=wrong_intent]").click()
        queue.page.locator("#intent-refund").click()
        queue.at("d01")
