"""A replay with a real bundle, from the store to its files; see test_page for cases."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from model.errors import InputError
from serving.replay.replaying import Request, run_replay
from serving.replay.rows import Span
from serving.routing.flips import FlipKind
from tests.serving.replay.logbook import BEGAN, TEXTS, many

SPAN = Span(BEGAN, BEGAN + timedelta(days=400))


@pytest.fixture
def request_of(tmp_path: Path, then: Path, candidate: Path) -> Callable[..., Request]:
    def made(name: str, **fields: object) -> Request:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        told: dict[str, object] = {
            "bundle": candidate,
            "known": (then,),
            "span": SPAN,
            "since": "30d",
            "until": None,
            "processes": 1,
            "out": folder / "replay.html",
            "parquet": folder / "flips.parquet",
            "json": folder / "counts.json",
            **fields,
        }
        return Request(**told)  # type: ignore[arg-type] # as the caller says

    return made


def quiet(_done: int, _of: int) -> None:
    """Tell nobody."""


def test_what_flips_is_counted_shown_and_written(
    logged: sa.Engine, request_of: Callable[..., Request]
) -> None:
    request = request_of("out")
    told: list[tuple[int, int]] = []

    summary = run_replay(request, logged, lambda *step: told.append(step))

    assert (summary.replayed, summary.flips, summary.read_anew) == (4, 3, 0)
    assert {one.kind: one.changes for one in summary.kinds if one.count} == {
        FlipKind.ACTION: {"reply → escalate": 2},
        FlipKind.QUEUE: {"orders (high) → care (high)": 1},
    }
    assert told == [(0, 4), (4, 4)]
    assert request.json
    assert request.parquet
    counts = json.loads(request.json.read_text(encoding="utf-8"))
    assert counts["kinds"]["action"]["count"] == 2
    assert counts["kinds"]["opt_out"]["count"] == 0
    flips = pq.read_table(request.parquet).to_pylist()
    assert [flip["text"] for flip in flips] == [t for t in TEXTS if t != "STOP"]
    assert {flip["after_action"] for flip in flips} == {"escalate"}
    assert flips[0]["recorded_at"] == BEGAN
    assert not request.progress.exists()


class Page(HTMLParser):
    """Everything a browser would fetch or run, and the text of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.outside += [v or "" for name, v in attrs if name in {"src", "href"}]


def test_the_page_needs_nothing_else_and_says_what_it_holds(
    logged: sa.Engine, request_of: Callable[..., Request]
) -> None:
    request = request_of("out")
    run_replay(request, logged, quiet)

    html = request.out.read_text(encoding="utf-8")

    page = Page(html)
    assert page.outside == []
    assert "script" not in page.tags
    # A person's words are words.
    assert "b" not in page.tags
    assert "where is my &lt;b&gt;order&lt;/b&gt;" in html
    assert html.index("holds people's words") < html.index("where is my")
    assert "reply → escalate" in html


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_files_with_people_s_words_are_their_owner_s(
    logged: sa.Engine, request_of: Callable[..., Request]
) -> None:
    request = request_of("out")

    modes = []
    run_replay(
        request,
        logged,
        lambda *_: modes.append(request.progress.stat().st_mode & 0o777),
    )

    assert set(modes) == {0o600}
    assert request.parquet
    for path in (request.out, request.parquet):
        assert path.stat().st_mode & 0o777 == 0o600


def test_no_flip_is_told_as_such(
    logged: sa.Engine, request_of: Callable[..., Request], then: Path
) -> None:
    request = request_of("out", bundle=then)

    summary = run_replay(request, logged, quiet)

    assert summary.flips == 0
    assert summary.read_anew == 0
    assert "Nothing flips" in request.out.read_text(encoding="utf-8")
    assert request.parquet
    assert pq.read_table(request.parquet).num_rows == 0


def test_another_model_reads_anew_and_gives_what_it_gives_alone(
    logged: sa.Engine, request_of: Callable[..., Request]
) -> None:
    summary = run_replay(request_of("out", known=()), logged, quiet)

    assert summary.read_anew == 3
    assert summary.flips == 3


class Stop:
    """Ctrl-C after so many pages."""

    def __init__(self, pages: int) -> None:
        self.pages = pages

    def __call__(self, _done: int, _of: int) -> None:
        self.pages -= 1
        if self.pages < 0:
            raise KeyboardInterrupt


def files_of(request: Request) -> tuple[str, list[object], str]:
    assert request.json
    assert request.parquet
    return (
        request.json.read_text(encoding="utf-8"),
        pq.read_table(request.parquet).to_pylist(),
        request.out.read_text(encoding="utf-8"),
    )


@pytest.mark.parametrize("pages", [1, 3])
def test_a_replay_that_was_stopped_ends_as_one_that_was_not(
    logged: sa.Engine, request_of: Callable[..., Request], pages: int
) -> None:
    many(logged, 2)
    whole, stopped = request_of("whole"), request_of("stopped")
    run_replay(whole, logged, quiet)
    with pytest.raises(KeyboardInterrupt):
        run_replay(stopped, logged, Stop(pages), rows=5)

    told: list[tuple[int, int]] = []
    # Asked again later: "30d" and "now" mean another moment by then.
    later = replace(stopped, span=Span(SPAN.since, SPAN.until + timedelta(days=1)))
    run_replay(later, logged, lambda *step: told.append(step))

    assert told[0] == (5 * pages if pages < 3 else 12, 12)
    assert files_of(stopped) == files_of(whole)


def test_a_line_that_was_cut_short_is_decided_again(
    logged: sa.Engine, request_of: Callable[..., Request]
) -> None:
    many(logged, 2)
    whole, stopped = request_of("whole"), request_of("stopped")
    run_replay(whole, logged, quiet)
    with pytest.raises(KeyboardInterrupt):
        run_replay(stopped, logged, Stop(2), rows=5)
    content = stopped.progress.read_bytes()
    stopped.progress.write_bytes(content[:-40])

    run_replay(stopped, logged, quiet)

    assert files_of(stopped) == files_of(whole)


def test_another_question_begins_anew(
    logged: sa.Engine, request_of: Callable[..., Request], then: Path
) -> None:
    many(logged, 2)
    stopped = request_of("stopped")
    with pytest.raises(KeyboardInterrupt):
        run_replay(stopped, logged, Stop(2), rows=5)

    summary = run_replay(replace(stopped, bundle=then), logged, quiet)

    assert (summary.replayed, summary.flips) == (12, 0)


def test_a_folder_that_is_not_there_is_told_before_the_work(
    logged: sa.Engine, request_of: Callable[..., Request], tmp_path: Path
) -> None:
    request = request_of("out", json=tmp_path / "nowhere" / "counts.json")

    with pytest.raises(InputError, match="there is no folder"):
        run_replay(request, logged, quiet)

    assert not request.progress.exists()
