"""A replay from the store to its files."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from model.bundle import GRAPH, TOKENIZER, read_manifest
from model.errors import BundleError
from model.files import refuse_place, written
from model.manifest import Manifest
from serving.live import load_live
from serving.recording.record import to_json
from serving.replay.hands import Work, hands
from serving.replay.html_report import to_html
from serving.replay.page import Candidate
from serving.replay.parquet_file import check_parquet, write_parquet
from serving.replay.progress_file import OWN, Asked, ProgressFile, flips_in
from serving.replay.rows import PAGE, Span, count_rows, pages
from serving.replay.summary import Summary, summary_of

FEW = 2_000
"""Replies below which further processes cost more time than they save."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to replay, and where it goes.

    Attributes:
        bundle: the candidate's folder.
        known: folders of bundles that may have decided then.
        span: which decisions.
        since: the beginning as it was typed.
        until: the end as it was typed; None for now.
        processes: how many decide at once.
        out: the page.
        parquet: every decision that flips; None for no such file.
        json: the figures; None for no such file.
    """

    bundle: Path
    known: tuple[Path, ...]
    span: Span
    since: str
    until: str | None
    processes: int
    out: Path
    parquet: Path | None
    json: Path | None

    @property
    def progress(self) -> Path:
        """Where it stands on disk until it is done."""
        return self.out.with_name(f"{self.out.name}.progress")


Told = Callable[[int, int], object]
"""Is told how many decisions are done, and of how many."""


def run_replay(
    request: Request, engine: sa.Engine, told: Told, *, rows: int = PAGE
) -> Summary:
    """Decide the logged replies again, write the files, and return the figures.

    Stopped at any point and asked for the same again, it goes on where it was, save
    for the page of `rows` that it was at.

    Raises:
        BundleError, RulesError: the candidate cannot be used.
        InputError: a file cannot be written.
        ReplayError: a process ended before its time.
        StoreError: the store cannot be read.
    """
    for path in filter(None, (request.out, request.parquet, request.json)):
        refuse_place(path)
    if request.parquet:
        check_parquet(request.parquet)
    candidate = _candidate(request)
    asked = Asked(
        bundle=candidate.live.bundle_id,
        same_model=tuple(sorted(candidate.same_model)),
        store=make_url(str(engine.url)).render_as_string(),
        since=request.since,
        until=request.until,
        program=request.span.program,
    )
    with closing(ProgressFile(request.progress, asked, request.span)) as progress:
        total = count_rows(engine, progress.course.span)
        few = total - progress.course.tally.rows < FEW
        processes = 1 if few else request.processes
        with hands(candidate, request.bundle, processes) as work:
            _decide(progress, work, engine, rows, lambda done: told(done, total))
    summary = summary_of(asked.bundle, progress.course.span, progress.course.tally)
    _write_files(request, summary, progress)
    request.progress.unlink()
    return summary


def _decide(
    progress: ProgressFile,
    work: Work,
    engine: sa.Engine,
    rows: int,
    told: Callable[[int], object],
) -> None:
    course = progress.course
    told(course.tally.rows)
    for page in work(pages(engine, course.span, course.after, rows)):
        progress.add(page)
        told(course.tally.rows)


def _write_files(request: Request, summary: Summary, progress: ProgressFile) -> None:
    """Write what was asked for; files with people's words are their owner's alone."""
    with written(request.out) as part:
        part.touch(OWN)
        page = to_html(summary, progress.course.tally)
        part.write_bytes(page.encode("utf-8", "replace"))
    if request.parquet:
        with written(request.parquet) as part:
            part.touch(OWN)
            write_parquet(part, flips_in(request.progress))
    if request.json:
        with written(request.json) as part:
            part.write_text(to_json(summary.to_body()) + "\n", encoding="utf-8")


def _candidate(request: Request) -> Candidate:
    live = load_live(request.bundle)
    own = _model_of(live.bundle.manifest)
    same = {live.bundle_id}
    for folder in request.known:
        try:
            manifest = read_manifest(folder)
        except BundleError:
            continue  # What it read is read anew: slower, and as true.
        if _model_of(manifest) == own:
            same.add(manifest.bundle_id)
    return Candidate.of(live, frozenset(same))


def _model_of(manifest: Manifest) -> tuple[object, ...]:
    """Return what a reading depends on, beside the text."""
    files = manifest.files
    return (
        *(files.get(GRAPH), files.get(TOKENIZER)),
        *(manifest.intents, manifest.sentiments, manifest.max_tokens),
    )
