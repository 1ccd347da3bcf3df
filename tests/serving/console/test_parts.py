"""The pieces that pages share, as they come out of the templates."""

import json
import re
from html import unescape
from typing import Any

import pytest

from serving.console.shell import TEMPLATES

DATA: dict[str, Any] = {
    "type": "line",
    "labels": ["Mon", "Tue & <b>"],
    "series": [
        {"name": "replies", "values": [1234, None]},
        {"name": "it's", "values": [0.5, 12.25]},
    ],
    "y": "per day",
    "unit": "%",
}


def rendered(call: str, **names: object) -> str:
    macro = call.partition("(")[0]
    source = f'{{% from "_parts.html" import {macro} %}}{{{{ {call} }}}}'
    return TEMPLATES.from_string(source).render(**names)


def test_a_chart_holds_its_numbers_twice_and_alike() -> None:
    page = rendered("chart('c', 'Replies & more', data)", data=DATA)

    found = re.search(r'data-chart="([^"]*)"', page)
    assert found
    assert json.loads(unescape(found[1])) == DATA
    cells = re.findall(r'<td class="num" data-value="([^"]*)">([^<]*)<', page)
    assert cells == [("1234", "1,234"), ("0.5", "0.5"), ("", "–"), ("12.25", "12.25")]
    assert '<th scope="row">Tue &amp; &lt;b&gt;</th>' in page
    assert "style=" not in page


def test_a_chart_of_nothing_says_so() -> None:
    page = rendered("chart('c', 'Replies', data)", data={**DATA, "labels": []})

    assert "Nothing to draw yet." in page
    assert "<canvas" not in page


@pytest.mark.parametrize(
    ("figures", "badge"),
    [
        ((0.005, 0.001, 0.009, 0.01), "kept"),
        ((0.01, 0.005, 0.02, 0.01), "not sure yet"),
        ((0.05, 0.02, 0.08, 0.01), "broken"),
    ],
)
def test_a_rate_is_judged_by_its_interval(
    figures: tuple[float, float, float, float], badge: str
) -> None:
    estimate, low, high, limit = figures
    page = rendered("rate(e, l, h, limit)", e=estimate, l=low, h=high, limit=limit)

    assert f">{badge}</span>" in page
    assert "at most 1.0 %" in page


@pytest.mark.parametrize(
    ("low", "high", "badge"),
    [(0.95, 0.99, "kept"), (0.8, 0.95, "not sure yet"), (0.7, 0.8, "broken")],
)
def test_a_rate_may_have_to_be_high(low: float, high: float, badge: str) -> None:
    page = rendered(
        "rate(e, l, h, 0.9, at_least=true)", e=(low + high) / 2, l=low, h=high
    )

    assert f">{badge}</span>" in page
    assert "at least 90.0 %" in page


def test_a_rate_that_was_not_measured_is_no_number() -> None:
    page = rendered("rate(none, none, none)")

    assert "not measured yet" in page
    assert not re.search(r"\d", page)


def test_words_are_escaped() -> None:
    assert "<script>" not in rendered("empty(text)", text="<script>")
    assert "<script>" not in rendered("badge(text, 'good')", text="<script>")
