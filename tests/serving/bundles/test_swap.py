"""The service follows its shelf while it decides, with real bundles on disk."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from model.shelf import STATE, Shelf
from model.uses import CHALLENGER, CHAMPION, BundleRole
from serving import ids
from serving.bundles.uses import in_use_at
from serving.bundles.watcher import Watched
from serving.live import load_live
from serving.recording.arrival import Arrival
from serving.recording.intake import Intake, Recorded
from serving.service import Service
from serving.store.bundle_tables import bundle_uses, shadow_decisions
from serving.store.database import open_store, reading
from tests.bag_bundle import bag_bundle
from tests.databases import store as store_of
from tests.serving.bundles.making import ANSWERS, bag_on_disk

TEXTS = ("where is my order", "when do you open", "i want back my money", "STOP")
IN_FLIGHT = 16
LOOK = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    """A service that follows a shelf with two bundles.

    `silent` answers nothing, `answering` answers orders and opening hours.
    """

    service: Service
    shelf: Shelf
    answering: str
    silent: str

    def promote(self, bundle_id: str, role: BundleRole = CHAMPION) -> None:
        self.shelf.promote(
            bundle_id, role=role, actor="ann", reason="test", at=ids.now()
        )

    def sample(self, name: str, **labels: str) -> float:
        told = self.service.metrics.registry.get_sample_value(name, labels)
        return told or 0.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, bundle = tmp_path_factory.mktemp("made"), bag_bundle()
    bag_on_disk(folder / "silent", bundle=bundle)
    bag_on_disk(folder / "answering", {"thresholds.json": ANSWERS}, bundle)
    return folder


@pytest.fixture
def running(made: Path, tmp_path: Path) -> Iterator[Running]:
    shelf = Shelf(tmp_path / "shelf")
    silent, answering = (
        shelf.add(made / name, {"passed": True}) for name in ("silent", "answering")
    )
    with store_of("sqlite", tmp_path) as url:
        service = Service(
            load_live(made / "silent"),
            open_store(url),
            Intake(now=ids.now, new_id=ids.new_id),
            watched=Watched(shelf, made / "silent", every=LOOK),
        )
        yield Running(service, shelf, answering, silent)
        service.close()


def replies(service: Service, ends: Event) -> list[tuple[str, "Future[Recorded]"]]:
    """Have replies decided about, some at once, until `ends`."""
    asked: list[tuple[str, Future[Recorded]]] = []
    open_ones: deque[Future[Recorded]] = deque()
    for number, text in zip(count(), cycle(TEXTS), strict=False):
        arrival = Arrival(
            f"m{number}", f"+1202555{number:04}", "+15550199", text, ids.now()
        )
        open_ones.append(service.decide(arrival))
        asked.append((text, open_ones[-1]))
        if len(open_ones) == IN_FLIGHT:
            open_ones.popleft().exception(timeout=30)
        if ends.is_set():
            return asked
    return asked


def alone(running: Running) -> dict[tuple[str, str], Any]:
    """Return what each bundle decides by itself."""
    folders = {
        i: running.shelf.folder_of(i) for i in (running.silent, running.answering)
    }
    with store_of("sqlite", running.shelf.root) as url:
        engine = open_store(url)
        told: dict[tuple[str, str], Any] = {}
        for bundle_id, folder in folders.items():
            service = Service(load_live(folder), engine, Intake(ids.now, ids.new_id))
            for text in TEXTS:
                arrival = Arrival(
                    f"{bundle_id}{text}",
                    f"+1{len(told):010}",
                    "+15550199",
                    text,
                    ids.now(),
                )
                body = service.decide(arrival).result(30).body
                told[bundle_id, text] = outcome(json.loads(body))
            service.close()
    return told


def outcome(decision: dict[str, Any]) -> tuple[object, ...]:
    reply = decision["reply"]
    return (
        decision["intent"],
        decision["confidence"],
        decision["action"],
        decision["consent"],
        reply and reply["text"],
        decision["queue"],
        tuple(reason["detail"] for reason in decision["reasons"]),
    )


def test_swaps_under_load_fail_no_reply_and_mix_no_bundles(running: Running) -> None:
    expected = alone(running)
    ends = Event()
    swaps = 0

    def swap() -> None:
        nonlocal swaps
        for _ in range(3):
            running.promote(running.answering)
            wait_until(lambda: running.service.live.bundle_id == running.answering)
            Event().wait(0.1)
            running.shelf.rollback(actor="bob", reason="test", at=ids.now())
            wait_until(lambda: running.service.live.bundle_id == running.silent)
            swaps += 2
        ends.set()

    swapping = Thread(target=swap)
    swapping.start()
    asked = replies(running.service, ends)
    swapping.join(60)
    bodies = [(text, json.loads(done.result(30).body)) for text, done in asked]

    assert swaps == 6
    assert {body["bundle"] for _, body in bodies} == {running.answering, running.silent}
    for text, body in bodies:
        assert outcome(body) == expected[body["bundle"], text]
    assert running.sample("replywise_bundle_swaps_total", role=CHAMPION) == swaps


def test_each_use_is_on_record_and_shown(running: Running) -> None:
    service = running.service
    wait_until(lambda: len(uses(service)) == 1)
    before = ids.now()

    running.promote(running.answering)
    wait_until(lambda: len(uses(service)) == 2)

    with reading(service.engine) as connection:
        first = in_use_at(connection, CHAMPION, before)
        last = in_use_at(connection, CHAMPION, ids.now())
    assert first
    assert last
    assert (first.bundle_id, first.actor) == (running.silent, "service")
    assert (last.bundle_id, last.actor, last.reason) == (
        running.answering,
        "ann",
        "test",
    )
    assert running.sample("replywise_bundle_info", bundle=running.answering) == 1
    assert running.sample("replywise_bundle_info", bundle=running.silent) == 0


def test_a_bundle_that_fails_leaves_the_service_as_it_is(running: Running) -> None:
    service = running.service
    broken = running.shelf.folder_of(running.silent) / "policy.yaml"

    running.promote(running.answering)
    wait_until(lambda: service.live.bundle_id == running.answering)
    broken.write_bytes(b"worn")
    # It was whole when it was promoted.
    state = running.shelf.root / STATE
    text = state.read_text(encoding="utf-8").replace(running.answering, running.silent)
    state.write_text(text, encoding="utf-8")
    assert service.watcher
    watcher = service.watcher
    wait_until(lambda: CHAMPION in watcher.refused)

    assert service.live.bundle_id == running.answering
    assert "policy.yaml differs" in watcher.refused[CHAMPION].reason
    assert running.sample("replywise_bundle_refusals_total", role=CHAMPION) == 1
    arrival = Arrival("m1", "+12025550100", "+15550199", TEXTS[0], ids.now())
    assert service.decide(arrival).result(30).decision is not None


def test_a_challenger_decides_beside_and_speaks_to_nobody(running: Running) -> None:
    service = running.service
    running.promote(running.answering, CHALLENGER)
    wait_until(lambda: service.shadow.challenger is not None)

    for number, text in enumerate(TEXTS):
        arrival = Arrival(
            f"m{number}", f"+1202555{number:04}", "+15550199", text, ids.now()
        )
        decision = service.decide(arrival).result(30).decision
        assert decision
        assert decision.decided_by == "keyword" or decision.action == "escalate"
    wait_until(lambda: len(rows(service, shadow_decisions)) == len(TEXTS))

    told = {row.decision_id: row for row in rows(service, shadow_decisions)}
    assert {row.champion for row in told.values()} == {running.silent}
    assert sorted(row.kind for row in told.values()) == ["", "", "", "action"]
    assert running.sample("replywise_challenger_info", bundle=running.answering) == 1


def uses(service: Service) -> list[sa.Row[Any]]:
    return rows(service, bundle_uses)


def rows(service: Service, table: sa.Table) -> list[sa.Row[Any]]:
    with reading(service.engine) as connection:
        return list(connection.execute(sa.select(table)))


def wait_until(true: Callable[[], bool]) -> None:
    wait = Event()
    for _ in range(1500):
        if true():
            return
        wait.wait(0.02)
    raise TimeoutError
