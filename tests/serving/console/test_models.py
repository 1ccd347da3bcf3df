"""The Models page over a real shelf, a real store and bundles that load."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from model.shelf import STATE, Shelf
from model.uses import CHALLENGER, CHAMPION, short
from serving.access.audit import AuditEntry, entries
from serving.bundles.watcher import Watched
from serving.live import load_live
from serving.store.bundle_tables import shadow_decisions
from serving.store.database import reading, writing
from serving.store.tables import decisions
from tests.bag_bundle import bag_bundle
from tests.databases import store
from tests.serving.bundles.making import ANSWERS, bag_on_disk
from tests.serving.console.desk import Desk, desk

PAGE = "/console/models"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FAILED = {
    "passed": False,
    "champion": "sha256:aaaaaaaaaaaa0000",
    "lines": [
        {
            "name": "accuracy",
            "slice": "all",
            "champion": 0.91,
            "candidate": 0.93,
            "passed": True,
            "near": False,
            "told": "better",
        },
        {
            "name": "accuracy",
            "slice": "intent refund",
            "champion": 0.9,
            "candidate": 0.7,
            "passed": False,
            "near": False,
            "told": "refund falls by 0.2",
        },
        {
            "name": "latency",
            "slice": "all",
            "champion": 3.1,
            "candidate": 3.3,
            "passed": True,
            "near": True,
            "told": "nearly slower",
        },
    ],
}


@dataclass(slots=True)
class Room:
    """Someone at the console of a service that follows a shelf.

    `silent` is the service's own bundle; `good` passed the gate, `bad` did not.
    """

    at: Desk
    shelf: Shelf
    good: str
    bad: str
    silent: str

    @property
    def champion(self) -> str:
        use = self.shelf.live().get(CHAMPION)
        return use.bundle_id if use else ""

    def ask(self, action: str, **fields: str) -> int:
        form = {"reason": "fewer refunds escalated", "seen": self.champion, **fields}
        return self.at.post(f"{PAGE}/{action}", **form).status_code

    def page(self) -> str:
        return texts(self.at.get(PAGE).text)

    def audited(self) -> AuditEntry:
        with reading(self.at.engine) as connection:
            return entries(connection)[-1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, bundle = tmp_path_factory.mktemp("made"), bag_bundle()
    bag_on_disk(folder / "silent", bundle=bundle)
    bag_on_disk(folder / "good", {"thresholds.json": ANSWERS}, bundle)
    few = json.dumps({"intents": {"refund": 0.9}}).encode()
    bag_on_disk(folder / "bad", {"thresholds.json": few}, bundle)
    return folder


@pytest.fixture
def empty(made: Path, tmp_path: Path) -> Iterator[tuple[Desk, Shelf]]:
    shelf = Shelf(tmp_path / "shelf")
    watched = Watched(shelf, made / "silent", every=0.02)
    live = load_live(made / "silent")
    with store("sqlite", tmp_path) as url, desk(live, url, watched=watched) as found:
        yield found, shelf


@pytest.fixture
def room(empty: tuple[Desk, Shelf], made: Path) -> Room:
    at, shelf = empty
    good = shelf.add(made / "good", {"passed": True, "lines": []}, at=NOON)
    bad = shelf.add(made / "bad", FAILED, at=NOON)
    at.sign_in("analyst")
    return Room(at, shelf, good, bad, load_live(made / "silent").bundle_id)


def texts(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def wait_until(true: Callable[[], bool]) -> None:
    wait = Event()
    for _ in range(600):
        if true():
            return
        wait.wait(0.05)
    raise TimeoutError


def test_an_empty_shelf_says_how_a_bundle_gets_there(empty: tuple[Desk, Shelf]) -> None:
    at, shelf = empty
    at.sign_in("analyst")

    page = texts(at.get(PAGE).text)

    assert "Nothing lies on the shelf" in page
    assert f"--shelf {shelf.root}" in page
    assert "Nothing was promoted yet." in page
    assert "Roll back" not in page


@pytest.mark.parametrize("path", ["", "/live", "/differences.csv"])
def test_reviewers_release_nothing(room: Room, path: str) -> None:
    room.at.sign_in("qa")

    assert room.at.get(f"{PAGE}{path}").status_code == 403
    assert room.ask("promote", bundle=room.good, role="champion") == 403
    assert room.ask("rollback") == 403
    assert room.shelf.history() == []


def test_what_passed_is_promoted_taken_up_and_audited(room: Room) -> None:
    assert room.ask("promote", bundle=room.good, role="champion") == 303
    told = room.page()
    wait_until(lambda: "taking up" not in room.page())
    page = room.page()

    assert f"{short(room.good)} is the champion." in told
    assert f"Champion decides {short(room.good)} Since" in page
    assert "By analyst-person Why fewer refunds escalated" in page
    assert f"{short(room.good)} promoted to champion" in page
    assert room.shelf.live()[CHAMPION].reason == "fewer refunds escalated"
    audited = room.audited()
    assert (audited.actor, audited.action) == ("user:analyst-person", "bundle.promoted")
    assert audited.details == {
        "bundle": room.good,
        "reason": "fewer refunds escalated",
        "role": "champion",
        "forced": False,
    }


def test_only_an_admin_promotes_against_the_gate_and_says_so(room: Room) -> None:
    wanted = {"bundle": room.bad, "role": "champion", "override": "yes"}

    by_analyst = room.ask("promote", **wanted)
    room.at.sign_in("admin")
    unsaid = room.ask("promote", **{**wanted, "override": ""})
    assert room.shelf.history() == []
    said = room.ask("promote", **wanted)

    assert (by_analyst, unsaid, said) == (422, 422, 303)
    assert room.champion == room.bad
    assert room.shelf.live()[CHAMPION].reason == "forced: fewer refunds escalated"
    assert room.audited().details["forced"] is True


def test_any_bundle_may_decide_beside_the_champion(room: Room) -> None:
    assert room.ask("promote", bundle=room.bad, role="challenger") == 303
    wait_until(lambda: "decides beside, says nothing" in room.page())
    assert room.shelf.live()[CHALLENGER].bundle_id == room.bad

    assert room.ask("withdraw", reason="seen enough") == 303
    wait_until(lambda: "Nobody decides beside the champion." in room.page())
    assert room.audited().details == {"bundle": room.bad, "reason": "seen enough"}
    assert "no challenger any more" in room.page()


def test_a_roll_back_goes_to_whoever_was_before(room: Room) -> None:
    room.ask("promote", bundle=room.good, role="champion")
    # Rolled back before it was taken up, it would never have decided.
    wait_until(lambda: f"decides {short(room.good)}" in room.page())

    assert "Roll back to the service's own bundle" in room.page().replace("&#39;", "'")
    assert room.ask("rollback", reason="it answers too much") == 303
    # It decides a moment before it is told why.
    wait_until(lambda: "Why it answers too much" in room.page())
    page = room.page().replace("&#39;", "'")

    assert f"decides {short(room.silent)}" in page
    assert "rolled back to the service's own bundle" in page
    assert room.audited().action == "bundle.rolled_back"
    assert room.audited().details["bundle"] == room.good
    assert room.ask("rollback") == 422


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reason": " "}, "Say why"),
        ({"reason": "x" * 301}, "Say why, in at most 300 characters"),
        ({"reason": "she called from +12025550142"}, "got a telephone number"),
        ({"seen": "sha256:other"}, "The champion was changed"),
        ({"bundle": "sha256:0000"}, "no bundle begins with"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    room: Room, fields: dict[str, str], problem: str
) -> None:
    form = {"bundle": room.good, "reason": "why", "seen": "", **fields}
    answer = room.at.post(f"{PAGE}/promote", **form)

    assert answer.status_code == 422
    assert problem in texts(answer.text)
    assert room.shelf.history() == []
    assert room.audited().action == "user.added"


def test_the_gate_is_shown_line_by_line_what_failed_first(room: Room) -> None:
    page = room.page()
    lines = page[page.index("What the gate found of") :]

    failed = lines.index("accuracy, intent refund 90.0% 70.0% failed refund falls")
    near = lines.index("latency 3.1 ms 3.3 ms near nearly slower")
    passed = lines.index("accuracy 91.0% 93.0% passed better")
    assert failed < near < passed
    assert "2 of 3 lines of the gate passed" in page
    assert "held against aaaaaaaaaaaa , which does not decide now" in page


def test_a_bundle_that_is_refused_is_shown_with_its_reason(room: Room) -> None:
    room.ask("promote", bundle=room.good, role="champion")
    wait_until(lambda: "taking up" not in room.page())
    (room.shelf.folder_of(room.bad) / "policy.yaml").write_bytes(b"worn")
    state = room.shelf.root / STATE
    state.write_text(state.read_text("utf-8").replace(room.good, room.bad), "utf-8")

    wait_until(lambda: "is refused since" in room.page())

    page = room.page()
    assert f"The champion {short(room.bad)} is refused since" in page
    assert "policy.yaml differs" in page
    assert f"{short(room.good)} goes on" in page


def test_the_page_looks_again_until_a_change_is_taken_up(
    made: Path, tmp_path: Path
) -> None:
    shelf = Shelf(tmp_path / "shelf")
    good = shelf.add(made / "good", {"passed": True})
    # It does not look again within this test.
    watched = Watched(shelf, made / "silent", every=3600)
    live = load_live(made / "silent")
    with store("sqlite", tmp_path) as url, desk(live, url, watched=watched) as at:
        at.sign_in("analyst")
        before = at.get(f"{PAGE}/live").text
        shelf.promote(good, role=CHAMPION, actor="ann", reason="why", at=NOON)
        after = at.get(f"{PAGE}/live").text

    assert "<html" not in after
    for page in (before, after):
        assert 'hx-get="/console/models/live" hx-trigger="every 1s"' in page
        assert short(live.bundle_id) in page


def test_the_page_rests_once_all_is_taken_up(room: Room) -> None:
    wait_until(lambda: "hx-get" not in room.at.get(f"{PAGE}/live").text)

    room.ask("promote", bundle=room.good, role="champion")

    wait_until(lambda: short(room.good) in room.at.get(f"{PAGE}/live").text)
    wait_until(lambda: "hx-get" not in room.at.get(f"{PAGE}/live").text)


def test_a_shelf_that_cannot_be_read_is_told(room: Room) -> None:
    (room.shelf.root / STATE).write_text("{", "utf-8")

    answer = room.at.get(PAGE)

    assert answer.status_code == 503
    assert "is no record of a shelf; restore it" in answer.text


def shadowed(engine: sa.Engine, bundle: str, kinds: list[str], since: datetime) -> None:
    told = {
        "change": "escalate → reply",
        "cost": 8.0,
        "intent": "refund",
        "confidence": 0.93,
        "action": "reply",
        "consent": None,
        "queue": None,
        "priority": None,
        "template": "refund@1",
        "reasons": [{"code": "above_threshold", "detail": ""}],
    }
    with writing(engine) as connection:
        for number, kind in enumerate(kinds):
            connection.execute(
                sa.insert(shadow_decisions).values(
                    decision_id=f"d{number}",
                    bundle=bundle,
                    champion="",
                    kind=kind,
                    decision=json.dumps(told) if kind else "",
                    decided_at=since,
                )
            )
            connection.execute(
                sa.insert(decisions).values(
                    message_id=f"d{number}",
                    decision_id=f"d{number}",
                    conversation_id="c",
                    received_at=since,
                    recorded_at=since,
                    bundle="",
                    inputs="{}",
                    decision="{}",
                    intent="refund",
                    action="escalate",
                )
            )


def test_what_a_challenger_changes_is_counted_and_linked(room: Room) -> None:
    assert room.at.get(f"{PAGE}/differences.csv").status_code == 404
    room.ask("promote", bundle=room.good, role="challenger")
    since = room.shelf.live()[CHALLENGER].since
    kinds = ["", "", "", "", "", "", "", "action", "action", "opt_out"]
    shadowed(room.at.engine, room.good, kinds, since)

    page = room.at.get(PAGE).text
    exported = room.at.get(f"{PAGE}/differences.csv")

    assert '<dd data-figure="compared">10</dd>' in page
    assert "70.0 %" in texts(page)
    assert page.index('data-kind="opt_out">1<') < page.index('data-kind="action">2<')
    for number in (7, 8, 9):
        assert f'href="/console/review/d{number}"' in page
    assert "escalate → reply" in page
    assert exported.headers["content-disposition"] == (
        'attachment; filename="differences.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(exported.text)))
    assert rows[0]["decision_id"] == "d9"
    assert {row["challenger_template"] for row in rows} == {"refund@1"}
    assert {row["champion_action"] for row in rows} == {"escalate"}


def test_who_was_live_at_a_moment_is_answered(room: Room) -> None:
    wait_until(lambda: "By service" in room.page())
    room.ask("promote", bundle=room.good, role="champion")
    wait_until(lambda: "taking up" not in room.page())
    room.page()  # The record follows the swap.

    now = texts(room.at.get(f"{PAGE}?at=0h").text)
    long_ago = texts(room.at.get(f"{PAGE}?at=2020-01-01T12:00").text)
    never = room.at.get(f"{PAGE}?at=soon")

    assert f"the champion was {short(room.good)} , in use since" in now
    assert "At 2020-01-01 12:00 no service had recorded a bundle yet." in long_ago
    assert never.status_code == 422
    assert "expected 12h, 30d, 4w or a date" in never.text
