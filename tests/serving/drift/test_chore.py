from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from serving.drift.chore import DriftChore
from serving.drift.days import latest
from serving.live import LiveBundle
from serving.store.database import reading
from tests.serving.drift.store import FIRST, NEW, Calendar, writer_of
from tests.serving.drift.test_watch import morning_of

DAY = timedelta(days=1)


def chore_of(engine: sa.Engine, day: int, registry: CollectorRegistry) -> DriftChore:
    return DriftChore(engine, writer_of(engine), lambda: morning_of(day), registry)


def test_looks_at_all_days_and_shows_the_last(
    quick_calendar: Calendar, bag: LiveBundle
) -> None:
    quick_calendar.usual_days(14)
    quick_calendar.put(FIRST + 13 * DAY, NEW * 6)
    registry = CollectorRegistry()

    chore_of(quick_calendar.engine, 14, registry).look(lambda: bag)

    value = registry.get_sample_value
    noon = morning_of(13) - timedelta(hours=8)
    assert value("replywise_drift_day_timestamp_seconds") == noon.timestamp()
    assert value("replywise_drift_unusual") == 1
    assert value("replywise_drift_new", {"what": "words"})
    assert value("replywise_drift_p_value", {"measure": "languages"}) == 1
    assert value("replywise_drift_ratio", {"measure": "meaning"})
    assert value("replywise_estimated_accuracy", {"of": "answered"}) == pytest.approx(
        0.9
    )


def test_shows_what_another_process_found(
    quick_calendar: Calendar, bag: LiveBundle
) -> None:
    quick_calendar.usual_days(2)
    chore_of(quick_calendar.engine, 2, CollectorRegistry()).look(lambda: bag)
    registry = CollectorRegistry()

    chore_of(quick_calendar.engine, 2, registry).look(lambda: bag)

    day = registry.get_sample_value("replywise_drift_day_timestamp_seconds")
    assert day == (morning_of(1) - timedelta(hours=8)).timestamp()


def test_stops_when_told(quick_calendar: Calendar, bag: LiveBundle) -> None:
    quick_calendar.usual_days(2)
    chore = chore_of(quick_calendar.engine, 2, CollectorRegistry())
    chore.stop()

    chore.look(lambda: bag)

    with reading(quick_calendar.engine) as connection:
        assert latest(connection) is None
