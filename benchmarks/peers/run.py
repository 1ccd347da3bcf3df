"""Every peer on every set: install, train, answer, score; what fails says why."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.install import Installed, measure_install, weigh
from benchmarks.peers.catalogue import Peer
from benchmarks.peers.child import Failed, Spent, one_core, run_child
from benchmarks.peers.environments import installed_version, prepare
from benchmarks.peers.runners.common import ANSWERED, PREDICTIONS
from benchmarks.peers.score import asked, read_predictions, score
from model.errors import InputError
from training.benchmark.figures import Figure
from training.benchmark.sets import PublicSet

RUNNERS = "benchmarks.peers.runners"


@dataclass(frozen=True, slots=True)
class Answered:
    """What answering one reply after another cost, on one core.

    Attributes:
        p50_ms: milliseconds of one reply, the median.
        p99_ms: likewise, the 99th percentile.
        p50_cpu_ms: CPU milliseconds of one reply, the median.
        resident_mb: megabytes of the process when all were answered.
    """

    p50_ms: float
    p99_ms: float
    p50_cpu_ms: float
    resident_mb: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a peer cost on one set.

    Attributes:
        training: the process that trains, with its start and its imports.
        answering: the process that loads and answers.
        answered: each reply.
        installed: the environment that answers.
        model_mb: megabytes that training left.
    """

    training: Spent
    answering: Spent
    answered: Answered
    installed: Installed
    model_mb: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One peer on one set: figures and cost, or the reason why there are none."""

    peer: Peer
    subject: PublicSet
    version: str = ""
    figures: tuple[Figure, ...] = ()
    cost: Cost | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where environments and results go, and how long one process may take (s)."""

    environments: Path
    results: Path
    limit: float


def compare(
    subjects: Sequence[PublicSet],
    peers: Sequence[Peer],
    places: Places,
    tell: Callable[[str], None],
) -> Iterator[Outcome]:
    """Yield the outcome of every peer on every set, set by set."""
    for subject in subjects:
        for peer in peers:
            try:
                tell(f"{subject.name}: {peer.title}")
                outcome = _run(subject, peer, places)
            except (Failed, InputError) as error:
                outcome = Outcome(peer, subject, problem=str(error))
                tell(f"{subject.name}: {peer.title}: {error}")
            yield outcome


def _run(subject: PublicSet, peer: Peer, places: Places) -> Outcome:
    python = prepare(peer, places.environments, places.limit)
    folder = places.results.absolute() / subject.name / peer.name
    shutil.rmtree(folder, ignore_errors=True)
    learned = folder / "learned"
    learned.mkdir(parents=True)
    train, texts = folder / "train.csv", folder / "texts.csv"
    lesson = zip(subject.train.texts, subject.train.labels, strict=True)
    _write(train, [("text", "label"), *lesson])
    _write(texts, [("text",), *((text,) for text in asked(subject))])

    def run(verb: str, file: Path) -> Spent:
        words = [verb, str(file), str(learned), *peer.options]
        return run_child(
            [str(python), "-m", f"{RUNNERS}.{peer.runner}", *words],
            log=folder / f"{verb}.log",
            limit=places.limit,
            folder=folder,
        )

    training = run("train", train)
    model_mb = sum(p.stat().st_size for p in learned.rglob("*") if p.is_file()) / 1e6
    with one_core():
        answering = run("answer", texts)
    predictions = read_predictions(learned / PREDICTIONS, len(asked(subject)))
    answered = json.loads((learned / ANSWERED).read_text(encoding="utf-8"))
    installed = weigh(python) if peer.requirements else _base_install()
    cost = Cost(training, answering, Answered(**answered), installed, model_mb)
    version = installed_version(python, peer)
    return Outcome(peer, subject, version, score(subject, predictions), cost)


@cache
def _base_install() -> Installed:
    return measure_install()


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
