import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa

from model.errors import StoreError
from model.prediction import Prediction, Ranked
from serving.bundles.shadow import WAITING, Shadow, compared
from serving.ids import new_id
from serving.live import LiveBundle
from serving.metrics import Metrics
from serving.recording.arrival import Arrival, Read
from serving.recording.intake import Intake, Recorded
from serving.recording.recorder import Recorder
from serving.routing.decide import needs_prediction
from serving.store.bundle_tables import shadow_decisions
from serving.store.database import open_store, writing
from serving.store.tables import outbox
from tests.databases import KINDS
from tests.databases import store as store_of
from tests.serving.bundles.making import named
from tests.serving.parrot import Parrot

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


class Says(Parrot):
    """Reads the same in every text, after waiting for `opened`."""

    def __init__(self, intent: str, opened: Event | None = None) -> None:
        self.intent, self.opened = intent, opened

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        if self.opened:
            assert self.opened.wait(30)
        ranks = (Ranked(self.intent, 0.9), Ranked("other", 0.1))
        return [Prediction(ranks, 0.95, (Ranked("neutral", 1.0),)) for _ in texts]


class Broken(Parrot):
    """Cannot read."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        raise ValueError(f"cannot read {texts}")


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with store_of(request.param, tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[sa.Engine]:
    with store_of("sqlite", tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


@pytest.fixture
def champion(parrot: LiveBundle) -> LiveBundle:
    """Return a bundle that answers order_status and store_info."""
    answered = dict.fromkeys(("order_status", "store_info"), 0.9)
    return replace(parrot, rules=replace(parrot.rules, thresholds=answered))


@pytest.fixture
def challenger(champion: LiveBundle) -> Callable[[str], LiveBundle]:
    """Return how a challenger is made that reads one intent in everything."""

    def make(intent: str, opened: Event | None = None) -> LiveBundle:
        bundle = replace(champion.bundle, classifier=Says(intent, opened))
        return named(replace(champion, bundle=bundle), f"sha256:{intent}")

    return make


def recorded(
    engine: sa.Engine, live: LiveBundle, text: str, message_id: str = "m1"
) -> Recorded:
    """Record what the champion decides about a reply."""
    arrival = Arrival(
        message_id, "+12025550100", "+15550199", text, NOON, variables={"name": "Ida"}
    )
    prediction = (
        live.bundle.classifier.predict([text])[0]
        if needs_prediction(text, live.rules)
        else None
    )
    with writing(engine) as connection:
        [done] = Intake(lambda: NOON, new_id).take(
            connection, [Read(arrival, live, prediction)]
        )
    return done


def test_a_challenger_that_agrees_leaves_no_decision(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    done = recorded(sqlite, champion, "when do you open")

    row = compared(challenger("store_info"), done, NOON)

    assert row == {
        "decision_id": json.loads(done.body)["decision_id"],
        "bundle": "sha256:store_info",
        "champion": "sha256:parrot",
        "kind": "",
        "decision": "",
        "decided_at": NOON,
    }


def test_what_a_challenger_would_do_is_kept_without_words(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    done = recorded(sqlite, champion, "when do you open my dear Ida")

    row = compared(challenger("refund"), done, NOON)

    assert row is not None
    assert row["kind"] == "action"
    told = json.loads(str(row["decision"]))
    assert (told["intent"], told["action"], told["template"]) == (
        "refund",
        "escalate",
        "holding@1",
    )
    assert told["reasons"][0]["code"] == "no_threshold"
    for private in ("Ida", "dear", "2025550100"):
        assert private not in str(row)


def test_a_keyword_is_settled_by_rule_on_both_sides(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    done = recorded(sqlite, champion, "STOP")

    row = compared(challenger("refund"), done, NOON)

    assert row is not None
    assert row["kind"] == ""


def test_the_situation_is_that_of_the_decision(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    recorded(sqlite, champion, "STOP", "m1")
    done = recorded(sqlite, champion, "when do you open", "m2")

    row = compared(challenger("store_info"), done, NOON)

    # Consent is closed for the challenger too: it would not have answered.
    assert row is not None
    assert row["kind"] == ""


def test_what_it_decides_is_in_the_store_and_nothing_else_is(
    engine: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    done = [
        recorded(engine, champion, "when do you open", f"m{number}")
        for number in range(3)
    ]
    again = recorded(engine, champion, "when do you open", "m1")
    with engine.connect() as connection:
        effects = connection.execute(sa.select(outbox)).all()
    recorder = Recorder(engine, Intake(lambda: NOON, new_id))
    metrics = Metrics()
    shadow = Shadow(recorder.write, lambda: NOON, metrics, lambda: False)

    shadow.offer(done[0])  # Nobody decides beside the champion yet.
    shadow.challenger = challenger("refund")
    for each in (done[1], again, done[2]):
        shadow.offer(each)
    decided = "replywise_shadow_decisions_total"
    wait_until(lambda: sample(metrics, decided, kind="action") == 2)
    shadow.close()
    recorder.close()

    with engine.connect() as connection:
        rows = connection.execute(sa.select(shadow_decisions)).all()
        assert connection.execute(sa.select(outbox)).all() == effects
    ids = {json.loads(each.body)["decision_id"] for each in done[1:]}
    assert {row.decision_id for row in rows} == ids
    assert {row.kind for row in rows} == {"action"}
    assert sample(metrics, "replywise_shadow_decisions_total", kind="action") == 2


def test_replies_are_left_out_when_it_does_not_keep_up(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Any
) -> None:
    done = recorded(sqlite, champion, "when do you open")
    opened = Event()
    metrics = Metrics()
    shadow = Shadow(lambda _: settled(), lambda: NOON, metrics, lambda: False)
    shadow.challenger = challenger("refund", opened)

    for _ in range(WAITING + 10):
        shadow.offer(done)
    left_out = sample(metrics, "replywise_shadow_left_out_total")
    opened.set()
    shadow.close()

    # One more may have been at the challenger already.
    assert left_out in (9, 10)


def test_it_waits_until_a_core_is_free(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    done = recorded(sqlite, champion, "when do you open")
    metrics, free = Metrics(), Event()
    decided = "replywise_shadow_decisions_total"
    shadow = Shadow(
        lambda _: settled(), lambda: NOON, metrics, lambda: not free.is_set()
    )
    shadow.challenger = challenger("refund")

    shadow.offer(done)
    Event().wait(0.1)
    before = sample(metrics, decided, kind="action")
    free.set()
    wait_until(lambda: sample(metrics, decided, kind="action") == 1)
    shadow.close()

    assert before == 0


def test_it_ends_though_no_core_is_free(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    done = recorded(sqlite, champion, "when do you open")
    shadow = Shadow(lambda _: settled(), lambda: NOON, Metrics(), lambda: True)
    shadow.challenger = challenger("refund")

    shadow.offer(done)
    shadow.close()


def test_a_challenger_that_fails_is_counted_and_asked_again(
    sqlite: sa.Engine, champion: LiveBundle, caplog: pytest.LogCaptureFixture
) -> None:
    done = recorded(sqlite, champion, "when do you open")
    metrics = Metrics()
    shadow = Shadow(lambda _: settled(), lambda: NOON, metrics, lambda: False)
    broken = replace(champion.bundle, classifier=Broken())
    shadow.challenger = replace(champion, bundle=broken)

    with caplog.at_level(logging.WARNING, "serving"):
        for _ in range(2):
            shadow.offer(done)
        wait_until(lambda: sample(metrics, "replywise_shadow_left_out_total") == 2)
        shadow.close()

    assert "the challenger failed: ValueError" in caplog.text
    assert "when do you open" not in caplog.text


def test_a_store_that_is_away_loses_the_comparison_alone(
    sqlite: sa.Engine, champion: LiveBundle, challenger: Callable[[str], LiveBundle]
) -> None:
    done = recorded(sqlite, champion, "when do you open")
    metrics = Metrics()
    shadow = Shadow(
        lambda _: settled(StoreError("away")), lambda: NOON, metrics, lambda: False
    )
    shadow.challenger = challenger("refund")

    shadow.offer(done)
    wait_until(lambda: sample(metrics, "replywise_shadow_left_out_total") == 1)
    shadow.close()


def settled(error: Exception | None = None) -> "Future[Any]":
    future: Future[Any] = Future()
    if error:
        future.set_exception(error)
    else:
        future.set_result(None)
    return future


def sample(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


def wait_until(true: Callable[[], bool]) -> None:
    wait = Event()
    for _ in range(600):
        if true():
            return
        wait.wait(0.05)
    raise TimeoutError
