import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.console import Console

from model.errors import InputError
from serving.demo.command import Demo, fill
from serving.demo.replies import read_labelled
from serving.demo.traffic import NEWS, traffic
from serving.ledger.verify import verify
from serving.settings import Settings
from serving.store.bundle_tables import bundle_uses, shadow_decisions
from serving.store.database import open_store, reading
from serving.store.figure_tables import hourly_counts
from serving.store.review_tables import handoff_events, reviews, sample_draws
from serving.store.tables import decisions

REPLIES = read_labelled(Path("data/replies_test.csv"))
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
DEMO = Demo(REPLIES, NOON, days=4, a_day=30)


def filled(folder: Path) -> sa.Engine:
    folder.mkdir()
    settings = Settings(data_dir=folder)
    engine = open_store(settings.store_url())
    fill(engine, settings, DEMO, Console(file=StringIO()))
    return engine


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    return filled(tmp_path_factory.mktemp("demo") / "one")


def rows(engine: sa.Engine, table: sa.Table, *columns: str) -> list[tuple[object, ...]]:
    wanted = [table.c[name] for name in columns]
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.select(*wanted))]


def test_every_page_has_something_to_show(month: sa.Engine) -> None:
    actions = Counter(a for (a,) in rows(month, decisions, "action"))

    assert {"reply", "escalate", "silent"} <= set(actions)
    assert rows(month, hourly_counts, "hour")
    assert rows(month, handoff_events, "kind")
    assert rows(month, bundle_uses, "bundle")
    assert rows(month, shadow_decisions, "decision_id")


def test_most_of_what_was_drawn_is_reviewed_and_some_is_left(month: sa.Engine) -> None:
    drawn = {d for (d,) in rows(month, sample_draws, "decision_id")}
    judged = {d for (d,) in rows(month, reviews, "decision_id")}

    assert judged < drawn
    assert len(judged) > len(drawn) / 3


def test_all_is_decided_by_the_code_that_does_it_in_service(month: sa.Engine) -> None:
    with reading(month) as connection:
        found = verify(connection)

    assert found.entries > 0
    assert found.flaws == 0


def test_the_same_seed_gives_the_same_month(month: sa.Engine, tmp_path: Path) -> None:
    again = filled(tmp_path / "again")

    for table, name in ((decisions, "decision"), (reviews, "verdict")):
        assert rows(month, table, name) == rows(again, table, name)
    again.dispose()


def test_traffic_is_in_order_within_its_days_and_has_news_at_the_end() -> None:
    coming = traffic(
        REPLIES,
        ["+12025550142"],
        until=NOON,
        days=20,
        a_day=50,
        chance=random.Random(3),  # noqa: S311 - no secret
    )
    moments = [one.at for one in coming]
    news = [one.at for one in coming if one.text in {n.text for n in NEWS}]

    assert moments == sorted(moments)
    assert NOON - timedelta(days=21) < moments[0] < moments[-1] < NOON
    assert news
    assert min(news) > NOON - timedelta(days=8)


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "replies.csv"
    path.write_text("text\nhello\n")

    with pytest.raises(InputError, match="expected the column intent"):
        read_labelled(path)
