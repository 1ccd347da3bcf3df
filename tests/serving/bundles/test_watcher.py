import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from model.errors import BundleTampered, StoreError
from model.shelf import STATE, Shelf
from model.uses import CHALLENGER, CHAMPION, NOBODY, BundleRole, Use
from serving.bundles.watcher import AGAIN, SERVICE, Hands, Watched, Watcher
from serving.live import LiveBundle
from tests.model.small_bundle import small_bundle
from tests.serving.bundles.making import named

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 13, tzinfo=UTC)


@dataclass(slots=True)
class World:
    """A service's hands, and what they did."""

    parrot: LiveBundle
    shelf: Shelf
    own: str
    folder: Path
    fails: Exception | None = None
    store_fails: bool = False
    loaded: list[str] = field(default_factory=list)
    taken: list[tuple[str, str | None]] = field(default_factory=list)
    recorded: list[Use] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def watcher(self) -> Watcher:
        hands = Hands(self.load, self.take, self.record, self.refused.append)
        watched = Watched(self.shelf, self.folder)
        live = named(self.parrot, self.own)
        return Watcher(watched, live, hands, now=lambda: LATER)

    def load(self, folder: Path, bundle_id: str) -> LiveBundle:
        self.loaded.append(bundle_id)
        if self.fails:
            raise self.fails
        assert (folder / "manifest.json").exists()
        return named(self.parrot, bundle_id)

    def take(self, role: BundleRole, live: LiveBundle | None) -> None:
        self.taken.append((role, live.bundle_id if live else None))

    def record(self, use: Use) -> None:
        if self.store_fails:
            raise StoreError("away")
        self.recorded.append(use)

    def promote(self, bundle_id: str, role: BundleRole = CHAMPION) -> None:
        self.shelf.promote(bundle_id, role=role, actor="ann", reason="why", at=NOON)


@pytest.fixture
def world(parrot: LiveBundle, tmp_path: Path) -> World:
    own = small_bundle(tmp_path / "own", "own")
    return World(parrot, Shelf(tmp_path / "shelf"), own, tmp_path / "own")


@pytest.fixture
def made(world: World, tmp_path: Path) -> Callable[[str], str]:
    """Return how a bundle comes onto the shelf."""

    def make(name: str) -> str:
        small_bundle(tmp_path / name, name)
        return world.shelf.add(tmp_path / name, {})

    return make


def test_while_nobody_is_promoted_the_own_bundle_is_on_record(world: World) -> None:
    watcher = world.watcher()

    watcher.look()
    watcher.look()

    assert world.taken == []
    [use] = world.recorded
    assert (use.bundle_id, use.role, use.since) == (world.own, CHAMPION, LATER)
    assert (use.actor, use.reason) == (
        SERVICE,
        "no bundle is promoted: it decides with its own",
    )


def test_who_is_promoted_is_taken_into_use_and_on_record(
    world: World, made: Callable[[str], str]
) -> None:
    watcher = world.watcher()
    watcher.look()
    better = made("better")

    world.promote(better)
    watcher.look()
    watcher.look()

    assert world.loaded == [better]
    assert world.taken == [(CHAMPION, better)]
    use = world.recorded[-1]
    assert (use.bundle_id, use.actor, use.reason) == (better, "ann", "why")
    assert use.since == LATER


def test_a_service_that_began_with_the_champion_loads_nothing(
    world: World, made: Callable[[str], str]
) -> None:
    world.own = made("better")
    world.promote(world.own)
    watcher = world.watcher()

    watcher.look()

    assert world.loaded == []
    assert [use.actor for use in world.recorded] == ["ann"]


def test_rolled_back_to_nobody_the_own_bundle_decides(
    world: World, made: Callable[[str], str]
) -> None:
    watcher = world.watcher()
    world.promote(made("better"))
    watcher.look()

    world.shelf.rollback(actor="bob", reason="worse", at=NOON)
    watcher.look()

    assert world.taken[-1] == (CHAMPION, world.own)
    assert (world.recorded[-1].bundle_id, world.recorded[-1].actor) == (
        world.own,
        "bob",
    )


def test_a_challenger_comes_and_goes(world: World, made: Callable[[str], str]) -> None:
    watcher = world.watcher()
    beside = made("beside")

    world.promote(beside, CHALLENGER)
    watcher.look()
    world.shelf.withdraw(actor="bob", reason="enough seen", at=NOON)
    watcher.look()

    assert world.taken == [(CHALLENGER, beside), (CHALLENGER, None)]
    told = [(use.role, use.bundle_id) for use in world.recorded[1:]]
    assert told == [(CHALLENGER, beside), (CHALLENGER, NOBODY)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BundleTampered(Path("b"), "golden reply 1 gives refund"), "golden reply 1"),
        (MemoryError("of +14155550100"), "does not load: MemoryError"),
    ],
)
def test_what_fails_is_refused_and_the_one_in_use_stays(
    world: World,
    made: Callable[[str], str],
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    reason: str,
) -> None:
    watcher = world.watcher()
    world.fails = error
    bad = made("bad")
    world.promote(bad)

    with caplog.at_level(logging.ERROR, "serving"):
        watcher.look()

    assert world.taken == []
    assert [use.bundle_id for use in world.recorded] == [world.own]
    refused = watcher.refused[CHAMPION]
    assert (refused.bundle_id, refused.since) == (bad, LATER)
    assert reason in refused.reason
    assert reason in caplog.text
    assert "4155550100" not in caplog.text


def test_what_was_refused_is_tried_again_and_told_once(
    world: World, made: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    watcher = world.watcher()
    bundle = made("not here yet")
    world.promote(bundle)
    world.fails = BundleTampered(Path("b"), "model.onnx: No such file")

    with caplog.at_level(logging.ERROR, "serving"):
        for _ in range(2 * AGAIN):
            watcher.look()
    tries = len(world.loaded)
    world.fails = None
    for _ in range(AGAIN):
        watcher.look()

    assert tries == 3
    assert world.refused == [CHAMPION]
    assert caplog.text.count("is refused") == 1
    assert world.taken == [(CHAMPION, bundle)]
    assert watcher.refused == {}


def test_a_champion_that_is_refused_holds_no_challenger_up(
    world: World, made: Callable[[str], str]
) -> None:
    watcher = world.watcher()
    bad, beside = made("bad"), made("beside")
    world.promote(bad)
    (world.shelf.folder_of(bad) / "manifest.json").unlink()
    world.promote(beside, CHALLENGER)

    def load(folder: Path, bundle_id: str) -> LiveBundle:
        if bundle_id == bad:
            raise BundleTampered(folder, "worn")
        return named(world.parrot, bundle_id)

    hands = Hands(load, world.take, world.record, world.refused.append)
    watcher = Watcher(
        Watched(world.shelf, world.folder),
        named(world.parrot, world.own),
        hands,
        now=lambda: LATER,
    )
    watcher.look()

    assert world.taken == [(CHALLENGER, beside)]
    assert set(watcher.refused) == {CHAMPION}


def test_a_shelf_that_cannot_be_read_changes_nothing(
    world: World, made: Callable[[str], str]
) -> None:
    watcher = world.watcher()
    better = made("better")
    world.promote(better)
    watcher.look()
    whole = (world.shelf.root / STATE).read_text(encoding="utf-8")

    (world.shelf.root / STATE).write_text("{", encoding="utf-8")
    watcher.look()
    torn = watcher.refused[CHAMPION].reason
    (world.shelf.root / STATE).write_text(json.dumps(json.loads(whole)), "utf-8")
    watcher.look()

    assert "is no record of a shelf" in torn
    assert world.taken == [(CHAMPION, better)]
    assert watcher.refused == {}


def test_what_the_store_cannot_take_is_on_record_later(
    world: World, made: Callable[[str], str]
) -> None:
    watcher = world.watcher()
    world.store_fails = True
    one, two = made("one"), made("two")

    for bundle in (one, two):
        world.promote(bundle)
        watcher.look()
    world.store_fails = False
    watcher.look()

    assert [bundle for _, bundle in world.taken] == [one, two]
    assert [use.bundle_id for use in world.recorded] == [world.own, one, two]
