"""Charts as a browser draws them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, Page

from serving.console.shell import TEMPLATES
from serving.routing.ruleset import RuleSet
from tests.browser import axe, listening, visit
from tests.serving.console.desk import console_app
from tests.serving.parrot import parrot_live

SERIES = [
    {"name": "replied", "values": [4, 8, None, 16]},
    {"name": "escalated", "values": [1, 2, 3, 4]},
]
KINDS = ("line", "bar", "stacked")
PAGE = """{% extends "console.html" %}{% from "_parts.html" import chart, rate %}
{% block main %}<h1>Charts</h1><div class="grid">
{% for kind, data in charts.items() %}
<section class="panel">{{ chart(kind, "Replies a day", data) }}</section>
{% endfor %}
<section class="panel">{{ rate(0.012, 0.004, 0.022, 0.01) }}</section>
</div>{% endblock %}"""

INK = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const counts = {};
  for (let i = 0; i < data.length; i += 4)
    if (data[i + 3] > 250) {
      const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
      counts[colour] = (counts[colour] || 0) + 1;
    }
  return counts;
}"""


def charts_page() -> HTMLResponse:
    """Return a page of the console with one chart of each kind."""
    charts: dict[str, dict[str, Any]] = {
        kind: {
            "type": kind,
            "labels": ["Mon", "Tue", "Wed", "Thu"],
            "series": SERIES,
            "y": "replies",
            "unit": "",
        }
        for kind in KINDS
    }
    return HTMLResponse(TEMPLATES.from_string(PAGE).render(charts=charts))


@pytest.fixture
def charts(rules: RuleSet, store_url: str) -> Iterator[str]:
    """Return where a page with charts is served."""
    app = console_app(parrot_live(rules), store_url)
    app.add_api_route("/console/charts", charts_page, response_class=HTMLResponse)
    with listening(app) as address:
        yield address


def ink(page: Page, kind: str) -> dict[str, int]:
    """Return how many pixels of each colour a chart has, once it is drawn."""
    page.wait_for_function(
        # The page's scripts may still be on their way.
        "id => !!window.Chart?.getChart(document.querySelector(`#${id} canvas`))",
        arg=kind,
    )
    found: dict[str, int] = page.locator(f"#{kind} canvas").evaluate(INK)
    return found


def drawn(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return the numbers that a chart draws."""
    found: list[dict[str, Any]] = page.locator(f"#{kind} canvas").evaluate(
        """canvas => Chart.getChart(canvas).data.datasets.map(
            ({ label, data }) => ({ name: label, values: data }))"""
    )
    return found


def test_a_chart_is_drawn_from_the_numbers_of_its_table(
    browser: Browser, charts: str
) -> None:
    with visit(browser, charts) as page:
        page.goto("/console/charts")

        for kind in KINDS:
            assert len(ink(page, kind)) > 2
            assert drawn(page, kind) == SERIES
            cells = page.locator(f"#{kind} td")
            values = cells.evaluate_all("all => all.map(cell => cell.dataset.value)")
            assert values == ["4", "1", "8", "2", "", "3", "16", "4"]
        assert axe(page) == []


def test_a_chart_takes_the_colours_of_the_scheme(browser: Browser, charts: str) -> None:
    with visit(browser, charts) as page:
        page.goto("/console/charts")
        light = ink(page, "bar")
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(
            "before => Chart.getChart(document.querySelector('#bar canvas'))"
            ".data.datasets[0].backgroundColor !== before",
            arg="rgb(11, 107, 94)",
        )
        dark = ink(page, "bar")

    assert light["11,107,94"] > 100
    assert "11,107,94" not in dark
    assert dark["95,202,183"] > 100
