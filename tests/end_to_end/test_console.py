"""The console over a few days of traffic: who sees what, and whether it is true."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from rich.console import Console

from model.shelf import Shelf
from model.uses import CHALLENGER, CHAMPION, short
from serving.bundles.watcher import Watched
from serving.console.viewer import Role
from serving.demo.command import Demo, fill
from serving.demo.replies import read_labelled
from serving.ids import now
from serving.live import load_live
from serving.settings import Settings
from serving.store.database import open_store
from tests.browser import axe, listening, visit
from tests.serving.console.desk import console_app, rows

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parent.parent.parent
DAYS = 4
PATIENCE = 30_000
"""Milliseconds until a bundle is taken up, on a machine that is busy."""

PAGES = {
    Role.QA: ["Review", "Quality", "Overview", "Consent"],
    Role.ANALYST: ["Review", "Quality", "Overview", "Models", "Drift", "Consent"],
    Role.ADMIN: [
        *("Review", "Quality", "Overview", "Models", "Drift", "Consent", "Users")
    ],
}
FORBIDDEN = {
    Role.QA: ["models", "drift", "users"],
    Role.ANALYST: ["users"],
    Role.ADMIN: [],
}

ACTIONS = ("reply", "ask", "escalate", "silent")
"""In the order of the chart's columns."""

BY_DAY = """
SELECT {what} FROM decisions GROUP BY date(received_at) ORDER BY date(received_at)
"""
BY_INTENT = """
SELECT intent, COUNT(*) FROM decisions GROUP BY intent ORDER BY 2 DESC, intent LIMIT 12
"""
BY_DECIDER = """
SELECT decided_by, COUNT(*) FROM decisions GROUP BY decided_by ORDER BY 2 DESC, 1
"""
WAITING = """
SELECT COUNT(DISTINCT conversation_id) FROM decisions d
WHERE action = 'escalate' AND NOT EXISTS (
  SELECT 1 FROM handoff_events e
  WHERE e.conversation_id = d.conversation_id AND e.at >= d.recorded_at
) AND NOT EXISTS (
  SELECT 1 FROM decisions later
  WHERE later.conversation_id = d.conversation_id AND later.decided_by = 'owner'
    AND later.recorded_at >= d.recorded_at
)
"""
RATE = """
WITH found AS (
  SELECT d.decision_id, d.period, d.stratum, (
    SELECT r.verdict FROM reviews r
    WHERE r.decision_id = d.decision_id AND r.undone_at IS NULL
      AND r.kind IN ('drawn', 'adjudicated')
    ORDER BY r.kind = 'adjudicated' DESC, r.reviewed_at, r.review_id LIMIT 1
  ) AS verdict
  FROM sample_draws d
), weights AS (
  SELECT s.period, s.stratum, 1.0 * s.decisions / COUNT(f.verdict) AS weight
  FROM sample_strata s JOIN found f USING (period, stratum)
  GROUP BY s.period, s.stratum
)
SELECT SUM(weight * (verdict = 'needless_escalation')) / SUM(weight), COUNT(*)
FROM found JOIN weights USING (period, stratum) JOIN decisions USING (decision_id)
WHERE verdict IS NOT NULL AND action = 'escalate'
"""
MIXED = 0.02
"""By so much a rate may differ where strata with few reviews were joined."""


@dataclass(frozen=True, slots=True)
class Served:
    """A console over some days of traffic; a challenger lies on its shelf."""

    address: str
    engine: sa.Engine
    shelf: Shelf


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(data_dir=folder)
    engine = open_store(settings.store_url())
    replies = read_labelled(ROOT / "data" / "replies_test.csv")
    until = now().replace(minute=0, second=0, microsecond=0)
    fill(engine, settings, Demo(replies, until, DAYS, 40), Console(file=StringIO()))
    shelf = Shelf(settings.shelf_folder())
    watched = Watched(shelf, settings.bundle, every=0.2)
    live = load_live(watched.champion()[0], threads=0)
    app = console_app(live, settings.store_url(), watched=watched)
    with listening(app) as address:
        yield Served(address, engine, shelf)
    engine.dispose()


def numbers(page: Page, chart: str) -> list[list[float | None]]:
    """Return the numbers of a chart, row by row, from its table."""
    found: list[list[str]] = page.locator(
        f"[data-numbers={chart}] tbody tr"
    ).evaluate_all(
        "all => all.map(row => [...row.querySelectorAll('td')]"
        ".map(cell => cell.dataset.value))"
    )
    return [[float(value) if value else None for value in row] for row in found]


def heads(page: Page, chart: str) -> list[str]:
    """Return what the rows of a chart's table are called."""
    names = page.locator(f"[data-numbers={chart}] tbody th").all_text_contents()
    return [name.strip() for name in names]


def told(row: list[float | None]) -> bool:
    return any(row)


@pytest.mark.parametrize("role", list(Role))
def test_who_signs_in_sees_the_pages_of_their_role(
    browser: Browser, served: Served, role: Role
) -> None:
    with visit(browser, served.address, engine=served.engine, role=role) as page:
        page.goto("/console")
        links = page.get_by_role("navigation").first.get_by_role("link")
        shown = [text.strip() for text in links.all_text_contents()]
        assert [name for name in shown if name in PAGES[Role.ADMIN]] == PAGES[role]
        for path in FORBIDDEN[role]:
            answer = page.goto(f"/console/{path}")
            assert answer is not None
            assert answer.status == 403


def test_the_numbers_of_the_overview_are_those_of_the_store(
    browser: Browser, served: Served
) -> None:
    engine = served.engine
    counted = ", ".join(f"SUM(action = '{action}')" for action in ACTIONS)
    by_day = rows(engine, BY_DAY.format(what=counted))
    opted_out = rows(
        engine, BY_DAY.format(what="100.0 * SUM(consent IS 'opt_out') / COUNT(*)")
    )
    intents = rows(engine, BY_INTENT)
    deciders = rows(engine, BY_DECIDER)
    with visit(browser, served.address, engine=engine, role="qa") as page:
        page.goto("/console/overview?period=30d")

        replies = numbers(page, "replies")
        assert [tuple(row) for row in replies if told(row)] == by_day
        rates = [row[0] for row in numbers(page, "opt-outs") if row[0] is not None]
        assert rates == pytest.approx([rate for (rate,) in opted_out], abs=0.01)
        wanted = [sum(filter(None, row)) for row in numbers(page, "intents")]
        assert wanted[:12] == [count for _, count in intents]
        assert heads(page, "intents")[:12] == [
            name or "nothing to read" for name, _ in intents
        ]
        waiting = [row[0] or 0 for row in numbers(page, "waiting")]
        assert [(sum(waiting),)] == rows(engine, WAITING)
        by = zip(heads(page, "deciders"), numbers(page, "deciders"), strict=True)
        assert [(name, row[0]) for name, row in by] == deciders


def test_a_rate_of_the_quality_page_is_that_of_draws_and_reviews(
    browser: Browser, served: Served
) -> None:
    [(share, reviewed)] = rows(served.engine, RATE)
    with visit(browser, served.address, engine=served.engine, role="qa") as page:
        page.goto("/console/quality")
        row = page.locator("[data-numbers=rates] [data-rate=needless_escalations]")

        shown = row.locator("[data-share]")
        assert float(shown.get_attribute("data-share") or "nan") == pytest.approx(
            share, abs=MIXED
        )
        low, high = (
            float(shown.get_attribute(f"data-{end}") or "nan")
            for end in ("low", "high")
        )
        assert low <= float(str(share)) <= high
        expect(row.locator("td").last).to_contain_text(f"{reviewed}")


def test_the_challenger_is_promoted_against_the_gate_and_rolled_back(
    browser: Browser, served: Served
) -> None:
    live = served.shelf.live()
    first, other = live[CHAMPION].bundle_id, live[CHALLENGER].bundle_id
    [(compared,)] = rows(served.engine, "SELECT COUNT(*) FROM shadow_decisions")
    with visit(browser, served.address, engine=served.engine, role="admin") as page:
        page.goto("/console/models")
        expect(page.locator("[data-figure=compared]")).to_have_text(f"{compared:,}")
        page.get_by_role(
            "button", name=f"Promote against the gate… {short(other)}"
        ).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("checkbox").check()
        dialog.get_by_label("Why").fill("answers sooner")
        dialog.get_by_role("button", name="Promote").click()
        seat = page.get_by_role("region", name="Champion")
        expect(seat).to_contain_text(short(other), timeout=PATIENCE)
        expect(seat).to_contain_text("decides", timeout=PATIENCE)

        page.get_by_role("button", name="Roll back…").click()
        page.get_by_role("dialog").get_by_label("Why").fill("too soon")
        page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
        expect(seat).to_contain_text(short(first), timeout=PATIENCE)
        expect(seat).to_contain_text("decides", timeout=PATIENCE)
    reasons = [use.reason for use in served.shelf.history()]
    assert "forced: answers sooner" in reasons
    assert reasons[-1] == "too soon"
    assert served.shelf.live()[CHAMPION].bundle_id == first


def test_the_evidence_of_a_number_is_what_the_ledger_holds(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    [(number, entries)] = rows(
        served.engine,
        "SELECT number, COUNT(*) FROM consent_events GROUP BY number "
        "ORDER BY 2 DESC LIMIT 1",
    )
    with visit(browser, served.address, engine=served.engine, role="qa") as page:
        page.goto("/console/consent")
        page.get_by_label("Number of a person").fill(str(number))
        page.keyboard.press("Enter")
        with page.expect_download() as download:
            page.get_by_role("button", name="Evidence as JSON").click()
        download.value.save_as(tmp_path / "evidence.json")
    body = json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"))
    assert len(body["events"]) == entries


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_full_of_traffic_is_for_everybody(
    browser: Browser, served: Served, scheme: Literal["light", "dark"]
) -> None:
    with visit(
        browser, served.address, engine=served.engine, role="admin", scheme=scheme
    ) as page:
        for name in PAGES[Role.ADMIN]:
            page.goto(f"/console/{name.lower()}")
            expect(page.get_by_role("heading", level=1).first).to_be_visible()
            assert axe(page) == [], name
