"""The Overview: each number of the page is held equal to a plain question."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyarrow.parquet as pq
import pytest

from serving.console.overview_filters import LONGEST_DAYS, Filters, read_filters
from serving.console.overview_words import duration, more, points, share, slower, wait
from serving.console.viewer import Role
from serving.figures.counter import count_up
from serving.figures.period import Period
from serving.figures.waiting import settle, touched
from serving.live import LiveBundle
from serving.store.database import writing
from serving.store.moments import DAY, HOUR
from tests.databases import KINDS, store
from tests.serving.console.desk import Desk, desk
from tests.serving.figures.making import (
    MONDAY,
    Row,
    chance,
    decided,
    record,
    some,
    writer,
)
from tests.serving.parrot import parrot_live

NOW = MONDAY + 9 * DAY + timedelta(hours=10, minutes=41, seconds=7)
OVERVIEW = "/console/overview"
PROGRAMS = ("fernhill", "fernhill_visits")
QUERIES = (
    "?period=24h",
    "?period=7d",
    "?period=30d",
    "?period=7d&program=fernhill_visits",
    "?period=custom&from=2026-11-24&to=2026-11-27",
)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return some(chance(5), MONDAY, NOW, 600)


@pytest.fixture(scope="module", params=KINDS)
def busy(
    request: pytest.FixtureRequest,
    rows: list[Row],
    rules: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    """Give an analyst before a store that is counted but for the last minutes."""
    with (
        store(request.param, tmp_path_factory.mktemp("busy")) as url,
        at_noon(parrot_live(rules), url) as found,
    ):
        record(found.engine, rows)
        with writing(found.engine) as connection:
            settle(connection, touched(rows))
        counted = count_up(found.engine, writer(found.engine), lambda: NOW, seconds=60)
        assert counted
        found.sign_in("analyst")
        yield found


@contextmanager
def at_noon(live: LiveBundle, url: str) -> Iterator[Desk]:
    with desk(live, url, now=lambda: NOW) as found:
        yield found


def page(at: Desk, query: str = "", status: int = 200) -> str:
    answer = at.get(f"{OVERVIEW}{query}")
    assert answer.status_code == status, answer.text
    return answer.text


def chart(text: str, name: str) -> dict[str, Any]:
    """Return a chart's data; its table holds the same numbers."""
    found = re.search(rf'id="{name}" data-chart="([^"]*)"', text)
    assert found
    data: dict[str, Any] = json.loads(unescape(found[1]))
    table = text.partition(f'data-numbers="{name}"')[2].partition("</table>")[0]
    cells = re.findall(r'data-value="([^"]*)"', table)
    by_row = zip(*(series["values"] for series in data["series"]), strict=True)
    assert cells == ["" if v is None else str(v) for row in by_row for v in row]
    return data


def values(data: dict[str, Any]) -> dict[str, list[float | None]]:
    return {series["name"]: series["values"] for series in data["series"]}


def asked(query: str) -> tuple[Filters, str]:
    """Return what a query means, and a condition of SQL that says so too."""
    told = {name: value[0] for name, value in parse_qs(query.lstrip("?")).items()}
    filters = read_filters(told, PROGRAMS, NOW)
    start, end = (
        f"{moment:%Y-%m-%d %H:%M:%S.%f}"
        for moment in (filters.period.start, filters.period.end)
    )
    condition = f"recorded_at >= '{start}' AND recorded_at < '{end}'"
    if filters.program:
        condition += f" AND program = '{filters.program}'"
    return filters, condition


def ask(at: Desk, columns: str, condition: str) -> list[Any]:
    """Ask `decisions` itself, in UTC on both databases."""
    with at.engine.connect() as connection:
        if at.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        question = f"SELECT {columns} FROM decisions WHERE {condition}"  # noqa: S608 - ours
        return list(connection.exec_driver_sql(question))


def hour_or_day(filters: Filters, step: timedelta, moment: object) -> int:
    """Return which of the period's steps a moment of the database belongs to."""
    at = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return int((at.replace(tzinfo=NOW.tzinfo) - filters.steps(step)[0]) // step)


@pytest.mark.parametrize("query", QUERIES)
def test_replies_are_those_of_the_decisions(busy: Desk, query: str) -> None:
    filters, condition = asked(query)
    found = values(chart(page(busy, query), "replies"))
    names = {
        "reply": "Answered",
        "ask": "Asked back",
        "escalate": "To a person",
        "silent": "Nothing sent",
    }

    plain = Counter(
        (names[action], hour_or_day(filters, filters.step, at))
        for action, at in ask(busy, "action, recorded_at", condition)
    )
    shown = {
        (name, place): value
        for name, series in found.items()
        for place, value in enumerate(series)
        if value
    }
    assert shown == plain
    assert len(found["Answered"]) == len(filters.steps(filters.step))


@pytest.mark.parametrize("query", QUERIES)
def test_rates_are_those_of_the_decisions(busy: Desk, query: str) -> None:
    filters, condition = asked(query)
    text = page(busy, query)
    places = range(len(filters.steps(filters.rate_step)))
    replies, read, mood, out = Counter(), Counter(), Counter(), Counter()  # type: ignore[var-annotated]
    for at, sentiment, consent in ask(
        busy, "recorded_at, sentiment, consent", condition
    ):
        place = hour_or_day(filters, filters.rate_step, at)
        replies[place] += 1
        out[place] += consent == "opt_out"
        read[place] += sentiment is not None
        mood[place, sentiment] += 1

    assert values(chart(text, "opt-outs")) == {
        "Opt-outs": [percent(out[place], replies[place]) for place in places]
    }
    assert values(chart(text, "sentiment")) == {
        name: [percent(mood[place, name], read[place]) for place in places]
        for name in ("positive", "neutral", "negative")
    }


def percent(part: int, whole: int) -> object:
    return pytest.approx(100 * part / whole, abs=1e-4) if whole else None


@pytest.mark.parametrize("query", QUERIES)
def test_intents_and_the_like_are_those_of_the_decisions(
    busy: Desk, query: str
) -> None:
    _, condition = asked(query)
    text = page(busy, query)
    rows = ask(busy, "intent, language, decided_by, program", condition)

    for place, name, unknown in (
        (0, "intents", "nothing to read"),
        (1, "languages", "not told"),
        (2, "deciders", ""),
    ):
        data = chart(text, name)
        sums = [sum(row) for row in zip(*values(data).values(), strict=True)]
        plain = Counter(row[place] or unknown for row in rows)
        assert dict(zip(data["labels"], sums, strict=True)) == plain
        assert sums == sorted(sums, reverse=True)
    assert f"<dd>{len(rows):,}</dd>" in text


def test_delays_are_near_those_of_the_decisions(busy: Desk) -> None:
    filters, condition = asked("?period=7d")
    found = values(chart(page(busy, "?period=7d"), "delays"))
    took: dict[int, list[float]] = {}
    for at, came in ask(busy, "recorded_at, received_at", condition):
        recorded, received = (
            each if isinstance(each, datetime) else datetime.fromisoformat(str(each))
            for each in (at, came)
        )
        place = hour_or_day(filters, filters.rate_step, at)
        took.setdefault(place, []).append((recorded - received) / timedelta(seconds=1))

    for place, seconds in took.items():
        seconds.sort()
        true = 1000 * seconds[len(seconds) // 2]
        median = found["p50"][place]
        assert median
        # A bucket's width, and a neighbour among few.
        assert true / 2 < median < 2 * true


def test_who_waits_is_as_the_record_says(busy: Desk, rows: list[Row]) -> None:
    waits: dict[str, str] = {}
    for row in rows:
        if row["decided_by"] == "owner":
            waits.pop(row["conversation_id"], None)
        elif row["action"] == "escalate":
            waits.setdefault(row["conversation_id"], row["queue"])
    table = page(busy).partition('data-numbers="waiting"')[2].partition("</table>")[0]

    found = re.findall(r'row">(\w+)</th>\s*<td[^>]*data-value="(\d+)"', table)

    assert {queue: int(n) for queue, n in found} == Counter(waits.values())


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_exported_is_what_is_shown(busy: Desk, query: str) -> None:
    filters, condition = asked(query)
    text = busy.get(f"{OVERVIEW}.csv{query}").text
    file = busy.get(f"{OVERVIEW}.parquet{query}").content

    rows = list(csv.DictReader(io.StringIO(text)))
    columns = ("program", "intent", "sentiment", "action", "decided_by", "consent")
    plain = Counter(
        (hour_or_day(filters, filters.step, at), *(value or "" for value in told))
        for at, *told in ask(busy, f"recorded_at, {', '.join(columns)}", condition)
    )
    shown: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        place = hour_or_day(filters, filters.step, row["begins"].rstrip("Z"))
        shown[place, *(row[name] for name in columns)] += int(row["replies"])
    assert shown == plain
    table = pq.read_table(io.BytesIO(file)).to_pylist()
    assert [row["replies"] for row in table] == [int(row["replies"]) for row in rows]
    assert table[0]["begins"] == datetime.fromisoformat(rows[0]["begins"])


def test_delays_and_who_waits_are_exported_too(busy: Desk) -> None:
    delays = busy.get(f"{OVERVIEW}.csv?of=delays&period=7d")
    waiting = busy.get(f"{OVERVIEW}.csv?of=waiting")
    shown = values(chart(page(busy, "?period=7d"), "delays"))

    rows = list(csv.DictReader(io.StringIO(delays.text)))
    assert [round(float(row["p99_ms"]), 4) for row in rows] == [
        value for value in shown["p99"] if value is not None
    ]
    assert waiting.text.startswith("queue,conversations,longest_s,median_s\n")
    assert delays.headers["content-disposition"] == (
        'attachment; filename="delays-2026-11-26-7d.csv"'
    )


def test_nothing_is_exported_that_is_not_shown(busy: Desk) -> None:
    assert busy.get(f"{OVERVIEW}.csv?of=numbers").status_code == 404
    assert busy.get(f"{OVERVIEW}.xlsx").status_code == 404
    wrong = busy.get(f"{OVERVIEW}.csv?period=year")
    assert wrong.status_code == 422
    assert "Period: expected one of" in wrong.text


def test_programs_lead_to_their_own_figures(busy: Desk) -> None:
    text = page(busy, "?period=30d")

    assert 'href="?program=fernhill_visits&amp;period=30d"' in text
    assert 'data-numbers="programs"' not in page(busy, "?program=fernhill")


@pytest.mark.parametrize("role", Role)
def test_every_role_may_look(quick_desk: Desk, role: Role) -> None:
    quick_desk.sign_in(role)

    assert "No reply has come in yet." in page(quick_desk)


def test_a_store_that_is_being_counted_says_how_far(quick_desk: Desk) -> None:
    quick_desk.sign_in("qa")
    record(quick_desk.engine, [decided(MONDAY)])

    text = page(quick_desk)

    assert "Figures reach to 2026-11-23 00:00." in text
    assert "data-chart" not in text


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("period=year", "Period: expected one of 24h, 7d, 30d, custom."),
        ("program=acme", "Program: expected one of fernhill, fernhill_visits."),
        ("period=custom", "From: expected a day like 2026-11-23."),
        ("period=custom&from=2026-11-24&to=x", "To: expected a day like 2026-11-23."),
        (
            "period=custom&from=2026-11-24&to=2026-11-23",
            "From: expected a day that is not after the last one.",
        ),
        (
            "period=custom&from=2026-12-24&to=2026-12-24",
            "From: expected a day that has begun.",
        ),
        (
            "period=custom&from=2020-01-01&to=2026-11-23",
            f"Dates: expected at most {LONGEST_DAYS} days.",
        ),
        ("period=custom&from=0001-01-01&to=9999-12-31", "From: expected a day like"),
        ("period=custom&from=2026-11-23&to=9999-12-31", "To: expected a day like"),
    ],
)
def test_what_cannot_be_meant_is_said(busy: Desk, query: str, problem: str) -> None:
    text = page(busy, f"?{query}", status=422)

    assert problem in unescape(text)
    assert "Shown are the last 7 days." in text


def test_the_period_before_is_compared_as_far_as_this_one_is_over() -> None:
    week = read_filters({"period": "7d"}, PROGRAMS, NOW)
    hours = read_filters({"period": "24h"}, PROGRAMS, NOW)
    dates = {"period": "custom", "from": "2026-11-24", "to": "2026-11-25"}

    assert week.period == Period(MONDAY + 3 * DAY, NOW)
    assert week.before == Period(MONDAY - 4 * DAY, MONDAY + 2 * DAY + 10 * HOUR)
    assert hours.period == Period(MONDAY + 8 * DAY + 11 * HOUR, NOW)
    assert hours.before == Period(
        MONDAY + 7 * DAY + 11 * HOUR, MONDAY + 8 * DAY + 10 * HOUR
    )
    assert read_filters(dates, PROGRAMS, NOW).before == Period(
        MONDAY - DAY, MONDAY + DAY
    )


def test_the_headline_tells_what_has_changed(
    parrot: LiveBundle, tmp_path: Path
) -> None:
    last, this = NOW - 7 * DAY - HOUR, NOW - HOUR
    rows = [
        *(decided(last - n * HOUR, conversation_id=f"a{n}") for n in range(4)),
        decided(last, action="escalate", conversation_id="a5", queue="care"),
        *(decided(this - n * HOUR, conversation_id=f"b{n}") for n in range(9)),
        decided(this, consent="opt_out", conversation_id="b9"),
        # The hour under way has no other to be compared with.
        decided(NOW - timedelta(minutes=30), conversation_id="b10"),
    ]
    with store("sqlite", tmp_path) as url, at_noon(parrot, url) as at:
        record(at.engine, rows)
        with writing(at.engine) as connection:
            settle(connection, touched(rows))
        assert count_up(at.engine, writer(at.engine), lambda: NOW, seconds=60)
        at.sign_in("qa")
        text = page(at, "?period=7d").partition("<dialog")[0]

    found = re.findall(
        r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>((?:\s*<dd class=.*?</dd>)*)", text
    )
    told = {
        name: (value, re.findall(r'detail">(.*?)</dd>', rest))
        for name, value, rest in found
    }
    assert told == {
        "Replies": ("11", ["100 % more"]),
        "Answered automatically": ("100.0 %", ["11 replies", "20 points more"]),
        "To a person": ("0.0 %", ["0 replies", "20 points less"]),
        "Opted out": ("9.1 %", ["1 replies", "10 points more"]),
        "Receipt to decision": ("18 ms", ["p95 20 ms, p99 20 ms", "as before"]),
        "Contained": ("–", ["Judged 72 hours after the answer"]),
        "Waiting for a person": ("1", ["the longest for 7 d 1 h"]),
    }


def test_numbers_are_written_as_people_read_them() -> None:
    assert [
        duration(ms) for ms in (None, 4.25, 36.4, 1234, 61_000, 5e6, 86_400_000)
    ] == [*("–", "4.2 ms", "36 ms", "1.2 s", "1.0 min", "1.4 h", "a day or longer")]
    assert [wait(timedelta(seconds=s)) for s in (0, 59, 3_600, 3_700, 273_600)] == [
        *("0 s", "59 s", "1 h", "1 h 1 min", "3 d 4 h")
    ]
    assert [share(*n) for n in ((0, 0), (0, 9), (1, 900), (1, 3))] == [
        *("–", "0.0 %", "0.11 %", "33.3 %")
    ]
    assert [more(*n) for n in ((5, 0), (5, 5), (6, 5), (4, 5))] == [
        *("none before", "as many as before", "20 % more", "20 % fewer")
    ]
    assert [
        points(*n) for n in ((5.0, None), (5.0, 5.0), (2.31, 2.0), (40.04, 42.0))
    ] == [*("", "as before", "0.31 points more", "2 points less")]
    assert [slower(*n) for n in ((5.0, None), (5.0, 5.0), (6.0, 5.0), (4.0, 5.0))] == [
        *("", "as before", "20 % longer", "20 % shorter")
    ]
