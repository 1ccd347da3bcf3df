"""The made-up month is true to shape, and the report says what was too slow."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.console import Asked, requests, told
from benchmarks.console_fill import DAYS, fill, settled
from benchmarks.console_pool import read_pool
from benchmarks.console_reviews import review
from serving.console.console_pages import PAGES
from serving.figures.waiting import settle, touched
from serving.routing.ruleset import RuleSet
from serving.store.database import engine_of, reading, writing
from serving.store.figure_tables import waiting
from serving.store.review_tables import handoff_events, reviews, sample_draws
from serving.store.tables import contacts, decisions
from tests.databases import store
from tests.serving.parrot import parrot_live

UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = 400


@pytest.fixture
def engine(rules: RuleSet, tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a store with a small month in it."""
    chance = Random(1)  # noqa: S311 - no secret
    pool = read_pool(parrot_live(rules), ["hm", "where is it", "STOP"], chance)
    with store("sqlite", tmp_path) as url:
        engine = engine_of(url)
        fill(engine, pool, NUMBER, UNTIL)
        settled(engine)
        yield engine
        engine.dispose()


def rows(engine: sa.Engine, table: sa.Table) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def test_rows_say_in_their_columns_what_they_say_in_their_bodies(
    engine: sa.Engine,
) -> None:
    found = rows(engine, decisions)
    numbers = {row["conversation_id"]: row["number"] for row in rows(engine, contacts)}

    assert len(found) == NUMBER
    assert {row["program"] for row in found} == {"fernhill", "fernhill_visits"}
    for row in found:
        decision, inputs = json.loads(row["decision"]), json.loads(row["inputs"])
        for name in ("decision_id", "conversation_id", "message_id", "intent"):
            assert decision[name] == row[name]
        assert inputs["from"] == numbers[row["conversation_id"]]
        received = datetime.fromisoformat(inputs["received_at"])
        assert received.replace(tzinfo=None) == row["received_at"]
        assert row["received_at"] < row["recorded_at"]
        assert UNTIL - timedelta(days=DAYS) <= row["recorded_at"].replace(tzinfo=UTC)


def test_the_team_has_taken_most_of_what_it_was_handed(engine: sa.Engine) -> None:
    handed = touched(rows(engine, decisions))
    waits = {row["conversation_id"] for row in rows(engine, waiting)}

    with writing(engine) as connection:
        settle(connection, handed)
    assert {row["conversation_id"] for row in rows(engine, waiting)} == waits
    assert 0 < len(waits) < len(handed) / 3
    assert {row["kind"] for row in rows(engine, handoff_events)} == {"taken", "closed"}


def test_each_day_is_drawn_from_and_mostly_reviewed(
    engine: sa.Engine, rules: RuleSet
) -> None:
    number = review(engine, rules.policy, lambda: UNTIL)

    drawn = {row["decision_id"] for row in rows(engine, sample_draws)}
    found = {row["decision_id"] for row in rows(engine, reviews)}
    assert number >= len(found) > 0.7 * len(drawn)
    assert found <= drawn


def test_every_page_is_asked_for() -> None:
    asked = list(requests("token"))

    assert {page.name for page in PAGES} <= {each.name for each in asked}
    assert all(b"Cookie: replywise-session=token" in e.request for e in asked[1:])


def test_what_is_too_slow_is_said() -> None:
    lines = list(
        told(
            "sqlite",
            1_000_000,
            [
                Asked("/healthz", b"", 200, [1.0] * 100),
                Asked("Review", b"", 200, [20.0] * 100),
                Asked("Quality", b"", 200, [301.0] * 100),
                Asked("Drift", b"", 200, [20.0] * 98 + [1_001.0] * 2),
                Asked("Models", b"", 404),
            ],
        )
    )

    assert "1,000,000 decisions; /healthz 1.0 ms" in lines[0]
    assert [line.endswith("TOO SLOW") for line in lines[2:]] == [
        *(False, True, True, False)
    ]
    assert lines[2].split() == ["Review", "20.0", "ms", "20.0", "ms", "20", "x"]
    assert lines[5].endswith("answered 404: not measured")
