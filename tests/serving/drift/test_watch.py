from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from serving.drift.days import kept_days, latest
from serving.drift.drift_day import TRAFFIC, TRAINING
from serving.drift.watch import DriftWatch, Stopped
from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet
from serving.store.database import open_store, reading
from tests.databases import store as store_of
from tests.serving.drift.store import (
    FIRST,
    NEW,
    Calendar,
    bag_live,
    look_at_all,
    watch_of,
    writer_of,
)

DAY = timedelta(days=1)


def morning_of(number: int) -> datetime:
    return datetime.combine(FIRST + number * DAY, time(8), UTC)


def test_looks_at_each_day_once_and_keeps_it(
    calendar: Calendar, bag: LiveBundle
) -> None:
    calendar.usual_days(5)
    watch = watch_of(calendar.engine, lambda: morning_of(4))

    found = look_at_all(watch, bag)

    assert [told.day for told in found] == [FIRST + n * DAY for n in range(4)]
    assert [told.reference for told in found] == [TRAINING] * 3 + [TRAFFIC]
    assert all(told.learning for told in found)
    assert {told.replies for told in found} == {90}
    with reading(calendar.engine) as connection:
        assert kept_days(connection, FIRST, FIRST + 9 * DAY) == found
        assert latest(connection) == found[-1]
    assert watch.look(bag) is None


def test_a_day_is_over_a_while_after_midnight(
    calendar: Calendar, bag: LiveBundle
) -> None:
    calendar.usual_days(1)
    midnight = datetime.combine(FIRST + DAY, time(), UTC)

    early = watch_of(calendar.engine, lambda: midnight + timedelta(minutes=4))
    late = watch_of(calendar.engine, lambda: midnight + timedelta(minutes=6))

    assert early.look(bag) is None
    assert late.look(bag)


def test_an_empty_store_has_no_day(calendar: Calendar, bag: LiveBundle) -> None:
    assert watch_of(calendar.engine, lambda: morning_of(3)).look(bag) is None


def test_a_day_without_replies_is_kept_as_such(
    calendar: Calendar, bag: LiveBundle
) -> None:
    calendar.usual(FIRST)
    calendar.usual(FIRST + 2 * DAY)

    found = look_at_all(watch_of(calendar.engine, lambda: morning_of(3)), bag)

    assert [told.replies for told in found] == [90, 0, 90]
    assert found[1].measures == ()
    assert found[1].accuracy is None


@pytest.fixture(scope="module")
def busy(
    tmp_path_factory: pytest.TempPathFactory, rules: RuleSet
) -> Iterator[sa.Engine]:
    """Give a store of 17 days, on the last of which something new is said."""
    with store_of("sqlite", tmp_path_factory.mktemp("busy")) as url:
        engine = open_store(url)
        calendar = Calendar(engine)
        calendar.usual_days(17)
        calendar.put(FIRST + 16 * DAY, NEW * 6)
        look_at_all(watch_of(engine, lambda: morning_of(17)), bag_live(rules))
        yield engine
        engine.dispose()


def test_what_is_new_is_found_when_usual_days_are_known(busy: sa.Engine) -> None:
    with reading(busy) as connection:
        *before, last = kept_days(connection, FIRST, FIRST + 20 * DAY)

    assert [told.learning for told in before] == [True] * 13 + [False] * 3
    assert not any(told.unusual for told in before)
    assert last.unusual
    assert {"app"} <= {word.word for word in last.words}
    assert last.reference_days == 16
    assert last.looked_at == 108


def test_only_ids_and_words_of_several_people_are_kept(busy: sa.Engine) -> None:
    with busy.connect() as connection:
        kept = connection.execute(sa.text("SELECT measures FROM drift_days")).scalars()
        told = " ".join(kept)

    assert "crashed" in told
    assert "where is my order" not in told
    assert "keeps crashing" not in told


def test_another_bundle_looks_anew_and_leaves_what_was_kept(
    busy: sa.Engine, rules: RuleSet
) -> None:
    live = bag_live(rules)
    other = replace(live, bundle=replace(live.bundle, bundle_id="sha256:other"))

    told = watch_of(busy, lambda: morning_of(17)).look(other)

    assert told
    assert told.day == FIRST
    with reading(busy) as connection:
        assert len(kept_days(connection, FIRST, FIRST, "sha256:bag")) == 1
        assert kept_days(connection, FIRST, FIRST) == [told]


def test_reads_while_a_core_is_free(calendar: Calendar, bag: LiveBundle) -> None:
    calendar.usual_days(1)
    asked = iter([True, True])
    watch = DriftWatch(
        calendar.engine,
        writer_of(calendar.engine),
        lambda: morning_of(1),
        lambda: next(asked, False),
    )

    assert watch.look(bag)

    assert next(asked, None) is None


def test_whoever_waits_for_a_core_can_be_stopped(
    calendar: Calendar, bag: LiveBundle
) -> None:
    calendar.usual_days(1)
    watch: DriftWatch

    def busy() -> bool:
        watch.stop()
        return True

    watch = DriftWatch(
        calendar.engine, writer_of(calendar.engine), lambda: morning_of(1), busy
    )

    with pytest.raises(Stopped):
        watch.look(bag)


def test_stops_half_way_and_keeps_nothing(calendar: Calendar, bag: LiveBundle) -> None:
    calendar.usual_days(1)
    watch = watch_of(calendar.engine, lambda: morning_of(1))
    watch.stop()

    with pytest.raises(Stopped):
        watch.look(bag)

    with reading(calendar.engine) as connection:
        assert latest(connection) is None
