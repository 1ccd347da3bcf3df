import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from model.errors import BundleError, BundleMissing, BundleTampered, ShelfError
from model.file_lock import locked
from model.shelf import FORMAT, STATE, Shelf
from model.uses import CHALLENGER, CHAMPION, short
from tests.model.small_bundle import FILES, small_bundle

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHY: dict[str, Any] = {"actor": "ann", "reason": "it is better", "at": NOON}
PASSED = {"passed": True, "lines": [{"name": "latency"}]}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def ids(shelf: Shelf, tmp_path: Path) -> list[str]:
    """Put three bundles on the shelf, an hour apart."""
    ids = []
    for number in range(3):
        folder = tmp_path / f"made{number}"
        small_bundle(folder, f"bundle {number}")
        at = NOON + timedelta(hours=number)
        ids.append(shelf.add(folder, PASSED, at=at))
    return ids


def test_a_folder_that_is_not_there_is_an_empty_shelf(shelf: Shelf) -> None:
    assert shelf.live() == {}
    assert shelf.history() == []
    assert shelf.candidates() == []
    assert not shelf.root.exists()


def test_a_bundle_is_copied_with_its_report(shelf: Shelf, tmp_path: Path) -> None:
    bundle_id = small_bundle(tmp_path / "made", "one")
    (tmp_path / "made" / "notes.txt").touch()

    assert shelf.add(tmp_path / "made", PASSED, at=NOON) == bundle_id

    [candidate] = shelf.candidates()
    assert candidate.bundle_id == bundle_id
    assert candidate.added_at == NOON
    assert candidate.report == PASSED
    assert candidate.passed
    assert candidate.folder == shelf.root / "bundles" / bundle_id[7:19]
    assert {path.name for path in candidate.folder.iterdir()} == {
        *FILES,
        "manifest.json",
    }
    for name, data in FILES.items():
        assert (candidate.folder / name).read_bytes() == data


def test_candidates_come_latest_first(shelf: Shelf, ids: list[str]) -> None:
    assert [c.bundle_id for c in shelf.candidates()] == ids[::-1]


def test_added_again_a_bundle_has_its_new_report(
    shelf: Shelf, ids: list[str], tmp_path: Path
) -> None:
    shelf.add(tmp_path / "made0", {"passed": False}, at=NOON + timedelta(days=1))

    newest, *_ = shelf.candidates()
    assert newest.bundle_id == ids[0]
    assert not newest.passed


@pytest.mark.parametrize("report", [{}, {"passed": "yes"}, {"passed": 1}])
def test_only_a_report_that_says_so_lets_a_bundle_through(
    shelf: Shelf, tmp_path: Path, report: dict[str, object]
) -> None:
    small_bundle(tmp_path / "made", "one")
    shelf.add(tmp_path / "made", report)

    assert not shelf.candidates()[0].passed


def test_a_damaged_bundle_does_not_get_here(shelf: Shelf, tmp_path: Path) -> None:
    small_bundle(tmp_path / "made", "one")
    (tmp_path / "made" / "policy.yaml").write_text("other", encoding="utf-8")

    with pytest.raises(BundleTampered, match=r"policy\.yaml differs"):
        shelf.add(tmp_path / "made", PASSED)

    assert shelf.candidates() == []


def test_a_folder_without_a_bundle_is_named(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="nowhere: expected a bundle"):
        shelf.add(tmp_path / "nowhere", PASSED)


def test_a_bundle_that_was_damaged_here_is_mended(
    shelf: Shelf, ids: list[str], tmp_path: Path
) -> None:
    damaged = shelf.folder_of(ids[1]) / "model.onnx"
    damaged.write_bytes(b"worn")

    with pytest.raises(BundleTampered):
        shelf.promote(ids[1], role=CHAMPION, **WHY)
    shelf.add(tmp_path / "made1", PASSED)
    shelf.promote(ids[1], role=CHAMPION, **WHY)

    assert damaged.read_bytes() == FILES["model.onnx"]


def test_roles_are_given_and_taken(shelf: Shelf, ids: list[str]) -> None:
    shelf.promote(ids[0], role=CHAMPION, **WHY)
    shelf.promote(ids[1], role=CHALLENGER, **WHY)
    before = shelf.live()
    shelf.withdraw(**WHY)
    shelf.promote(ids[2], role=CHAMPION, **WHY)
    back = shelf.rollback(**WHY)

    assert {role: use.bundle_id for role, use in before.items()} == {
        CHAMPION: ids[0],
        CHALLENGER: ids[1],
    }
    assert back == ids[0]
    assert [(use.role, use.bundle_id, use.how.value) for use in shelf.history()] == [
        (CHAMPION, ids[0], "promoted"),
        (CHALLENGER, ids[1], "promoted"),
        (CHALLENGER, "", "withdrawn"),
        (CHAMPION, ids[2], "promoted"),
        (CHAMPION, ids[0], "rolled_back"),
    ]
    assert len(shelf.candidates()) == len(ids)
    [champion] = shelf.live().values()
    assert (champion.actor, champion.reason, champion.since) == (*WHY.values(),)


def test_the_first_promotion_can_be_rolled_back(shelf: Shelf, ids: list[str]) -> None:
    shelf.promote(ids[0], role=CHAMPION, **WHY)

    assert shelf.rollback(**WHY) == ""
    assert shelf.live() == {}


def test_what_is_not_here_cannot_be_promoted(shelf: Shelf, ids: list[str]) -> None:
    with pytest.raises(BundleError):
        shelf.promote(f"sha256:{'0' * 64}", role=CHAMPION, **WHY)

    # The right folder, but another bundle in it.
    with pytest.raises(BundleTampered, match="holds"):
        shelf.promote(f"{ids[0][:30]}{'0' * 41}", role=CHAMPION, **WHY)


def test_a_reason_is_required(shelf: Shelf, ids: list[str]) -> None:
    with pytest.raises(ShelfError, match="expected a reason"):
        shelf.promote(ids[0], role=CHAMPION, actor="ann", reason=" ", at=NOON)


def test_a_bundle_is_found_by_how_its_id_begins(shelf: Shelf, ids: list[str]) -> None:
    assert shelf.find(ids[1]).bundle_id == ids[1]
    assert shelf.find(short(ids[2])).bundle_id == ids[2]
    for text, problem in (("", "no bundle"), ("xyz", "no bundle begins with 'xyz'")):
        with pytest.raises(ShelfError, match=problem):
            shelf.find(text)


def test_a_beginning_that_several_have_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    # Of 17 ids two begin alike.
    first = [
        shelf.add(folder, PASSED)[7]
        for number in range(17)
        if small_bundle(folder := tmp_path / f"{number}", f"{number}")
    ]
    twice = next(digit for digit in first if first.count(digit) > 1)

    with pytest.raises(ShelfError, match=f"several bundles begin with '{twice}'"):
        shelf.find(twice)


def test_a_bundle_of_another_version_is_left_out(shelf: Shelf, ids: list[str]) -> None:
    manifest = shelf.folder_of(ids[0]) / "manifest.json"
    body = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(body | {"format": 99}), encoding="utf-8")

    assert [c.bundle_id for c in shelf.candidates()] == [ids[2], ids[1]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is no record of a shelf; restore it"),
        ("[]", "is no record of a shelf; restore it"),
        ('{"format": 1, "uses": [{}]}', "is no record of a shelf; restore it"),
        (json.dumps({"format": FORMAT + 1}), "upgrade replywise"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(
    shelf: Shelf, ids: list[str], text: str, problem: str
) -> None:
    (shelf.root / STATE).write_text(text, encoding="utf-8")

    with pytest.raises(ShelfError, match=problem):
        shelf.live()
    with pytest.raises(ShelfError, match=problem):
        shelf.promote(ids[0], role=CHAMPION, **WHY)
    assert (shelf.root / STATE).read_text(encoding="utf-8") == text


def test_a_shelf_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    small_bundle(tmp_path / "made", "one")
    (tmp_path / "file").touch()

    with pytest.raises(ShelfError, match="Not a directory"):
        Shelf(tmp_path / "file").add(tmp_path / "made", PASSED)


def test_several_write_at_once_and_no_change_is_lost(
    shelf: Shelf, ids: list[str], tmp_path: Path
) -> None:
    def change(number: int) -> None:
        shelf.add(tmp_path / f"made{number % 3}", PASSED)
        try:
            role = CHALLENGER if number % 2 else CHAMPION
            shelf.promote(
                ids[number % 3], role=role, actor=str(number), reason="r", at=NOON
            )
        except ShelfError as error:
            assert "already" in str(error)  # noqa: PT017 - others are failures
        else:
            done.append(str(number))

    done: list[str] = []
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(24)))

    told = {use.actor for use in shelf.history()}
    assert told == set(done)
    assert len(shelf.candidates()) == len(ids)


# One process in which every step on the file system, one after another, is the last:
# what happens in it and after it does not happen. The lock goes as it does when a
# process ends.
CRASHES = """
import json, os, sys
from datetime import UTC, datetime
from pathlib import Path
from model.shelf import Shelf
from model.errors import ReplywiseError

class Crash(BaseException):
    pass

left = -1

def step(event, args):
    global left
    writes = event in {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.utime"}
    if event == "open" and args[2]:
        writes = bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if writes and left >= 0:
        left -= 1
        if left < 0:
            raise Crash

sys.addaudithook(step)
root, a, b = map(Path, sys.argv[1:])
WHY = {"actor": "x", "reason": "y", "at": datetime(2026, 11, 23, tzinfo=UTC)}

def crashing(shelf, change, steps):
    global left
    left = steps
    try:
        change(shelf)
    except Crash:
        return True
    finally:
        left = -1
    return False

def state(shelf):
    return [len(shelf.candidates()), [use.bundle_id for use in shelf.history()]]

def changes(one, two):
    yield "add", lambda s: s.add(a, {"passed": True})
    yield "replace", lambda s: s.add(b, {"passed": True}, at=WHY["at"])
    yield "promote", lambda s: s.promote(two, role="champion", **WHY)
    yield "rollback", lambda s: s.rollback(**WHY)

seen = {}
for name in ("add", "replace", "promote", "rollback"):
    steps = 0
    while True:
        shelf = Shelf(root / f"{name}{steps}")
        two = shelf.add(b, {})
        one = two
        if name == "replace":
            (shelf.folder_of(two) / "policy.yaml").write_text("worn")
        if name == "rollback":
            one = shelf.add(a, {})
            shelf.promote(one, role="champion", **WHY)
            shelf.promote(two, role="champion", **WHY)
        change = dict(changes(one, two))[name]
        before = state(shelf)
        crashed = crashing(shelf, change, steps)
        between = state(shelf)
        for path in (a, b):
            shelf.add(path, {"passed": True})
        if shelf.live():
            shelf.rollback(**WHY)
        else:
            shelf.promote(two, role="champion", **WHY)
        left_over = [p.name for p in shelf.root.rglob("*.part")]
        seen.setdefault(name, []).append([before, between, left_over, state(shelf)[0]])
        steps += 1
        if not crashed:
            break
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def crashes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    folder = tmp_path_factory.mktemp("crashes")
    for name in "ab":
        small_bundle(folder / name, name)
    done = subprocess.run(
        [sys.executable, "-c", CRASHES, folder, folder / "a", folder / "b"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, list[Any]] = json.loads(done.stdout)
    return seen


@pytest.mark.parametrize("name", ["add", "replace", "promote", "rollback"])
def test_a_crash_at_any_step_leaves_what_was_or_what_was_to_be(
    crashes: dict[str, list[Any]], name: str
) -> None:
    steps = crashes[name]
    before, (_, after, _, _) = steps[0][0], steps[-1]

    # A damaged bundle may be gone before the good one is there; it was of no use.
    gone = [before[0] - (name == "replace"), before[1]]

    assert len(steps) > 2
    assert all(between in (before, gone, after) for _, between, _, _ in steps)


@pytest.mark.parametrize("name", ["add", "replace", "promote", "rollback"])
def test_after_a_crash_at_any_step_the_shelf_is_of_use(
    crashes: dict[str, list[Any]], name: str
) -> None:
    assert all(left == [] for _, _, left, _ in crashes[name])
    assert {count for *_, count in crashes[name]} == {2}


BUSY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from model.shelf import Shelf
root, a, b = map(Path, sys.argv[1:])
shelf = Shelf(root)
why = {"actor": "x", "reason": "y", "at": datetime(2026, 11, 23, tzinfo=UTC)}
print("begun", flush=True)
while True:
    for each in (a, b):
        shelf.promote(shelf.add(each, {}), role="champion", **why)
    shelf.rollback(**why)
    shelf.rollback(**why)
"""


def test_a_writer_that_is_killed_leaves_a_usable_shelf(
    shelf: Shelf, tmp_path: Path
) -> None:
    for name in "ab":
        small_bundle(tmp_path / name, name)
    for pause in (0.005, 0.03, 0.08):
        with subprocess.Popen(
            [sys.executable, "-c", BUSY, shelf.root, tmp_path / "a", tmp_path / "b"],
            stdout=subprocess.PIPE,
        ) as busy:
            assert busy.stdout
            busy.stdout.readline()
            time.sleep(pause)
            busy.send_signal(signal.SIGKILL)
        while shelf.live():
            shelf.rollback(**WHY)

        bundle_id = shelf.add(tmp_path / "a", PASSED)

        assert shelf.find(bundle_id).passed
        assert list(shelf.root.rglob("*.part")) == []


def test_what_a_killed_writer_began_is_swept(shelf: Shelf, tmp_path: Path) -> None:
    small_bundle(tmp_path / "a", "a")
    shelf.add(tmp_path / "a", PASSED)
    left = shelf.root / "shelf.json.part"
    left.write_text("{", encoding="utf-8")

    shelf.add(tmp_path / "a", PASSED)

    assert not left.exists()


def test_who_waits_too_long_is_told(shelf: Shelf, ids: list[str]) -> None:
    impatient = Shelf(shelf.root, wait_seconds=0.05)
    with (
        locked(shelf.root / ".lock", 1),
        pytest.raises(ShelfError, match="another process is changing this shelf"),
    ):
        impatient.promote(ids[0], role=CHAMPION, **WHY)


def test_the_clock_of_the_file_system_says_when_a_bundle_came(
    shelf: Shelf, tmp_path: Path
) -> None:
    small_bundle(tmp_path / "made", "one")
    probe = tmp_path / "probe"
    probe.touch()

    shelf.add(tmp_path / "made", PASSED)

    seconds = shelf.candidates()[0].added_at.timestamp() - probe.stat().st_mtime
    assert 0 <= seconds < 60
