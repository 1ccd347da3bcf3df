"""`python -m benchmarks.replay`: replies a second of a replay, beside the raw session.

A store is filled with decisions of the shipped bundle under another name, so that a
replay with the shipped bundle must read every reply anew. The raw rate is that of the
same session on the same texts in padded batches of like length, on as many threads as
the replay has processes; the two take turns, and the median ratio of the rounds counts.

- `distinct`: every reply is another. No traffic is like that; it is the worst case.
- `traffic`: replies repeat as words do (Zipf); the commonest are the shortest.
- `rules`: the readings of that day stand, because the model is the same.

With `--memory` one replay of so many rows is watched instead: the most that the process
and its children held at once.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import numpy as np
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from model.bundle import DEFAULT
from model.classifier import Classifier, Ints, padded
from model.prediction import Prediction
from model.reading import read_all
from serving.live import LiveBundle, load_live
from serving.recording.arrival import Arrival, Read
from serving.recording.record import Ids, decision_body, inputs_body, to_json
from serving.replay.replaying import Request, run_replay
from serving.replay.rows import Span
from serving.routing.decide import decide, needs_prediction
from serving.routing.situation import Reply, Situation
from serving.store.database import open_store, writing
from serving.store.tables import decisions
from training.dataset import read_replies

REPLIES = Path("data") / "replies.csv"
ROUNDS = 3
BATCH = 16
"""Of 8 to 64 the fastest here."""
OLD = "sha256:" + 64 * "0"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = Span(BEGAN, BEGAN + timedelta(days=3650))
PART = 1000
WATCH_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    """Rates in replies a second, on all cores.

    Attributes:
        replay: of the replay, from its first page on.
        batched: of the raw session in padded batches of like length.
        single: of the raw session, one reply a run.
        ratio: replay to batched; the median of the rounds, as are the others.
    """

    replay: float
    batched: float
    single: float
    ratio: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replies", type=int, default=8000, help="of each round")
    parser.add_argument("--memory", type=int, help="watch one replay of so many rows")
    asked = parser.parse_args()
    live = load_live(DEFAULT)
    texts = sorted(set(read_replies([REPLIES])["text"]), key=_order)
    with tempfile.TemporaryDirectory() as folder:
        if asked.memory:
            _watch(Path(folder), live, texts, asked.memory)
            return
        table = Table("", "replay", "batched", "ratio", "one a run")
        for name, chosen, bundle_id in (
            ("distinct", distinct(texts, asked.replies), OLD),
            ("traffic", drawn(texts, asked.replies), OLD),
            ("rules", distinct(texts, asked.replies), live.bundle_id),
        ):
            place = Path(folder) / name
            place.mkdir()
            told = measure(place, live, chosen, bundle_id)
            rates = (told.replay, told.batched, told.ratio, told.single)
            table.add_row(name, *(f"{rate:.4g}" for rate in rates))
    Console().print(table)


def measure(
    folder: Path, live: LiveBundle, texts: Sequence[str], bundle_id: str
) -> Measured:
    """Let the raw session and the replay take turns over the same texts."""
    engine = open_store(f"sqlite:///{folder}/store.db")
    fill(engine, live, texts, bundle_id)
    cores = os.cpu_count() or 1
    asked = [text for text in texts if needs_prediction(text, live.rules)]
    rounds = []
    for _ in range(ROUNDS):
        batched = len(texts) / batched_seconds(live.bundle.classifier, asked, cores)
        single = len(texts) / single_seconds(live.bundle.classifier, asked, cores)
        rounds.append((replay_rate(engine, folder, cores), batched, single))
    engine.dispose()
    replay, batched, single = (median(column) for column in zip(*rounds, strict=True))
    return Measured(replay, batched, single, median(r / b for r, b, _ in rounds))


def fill(
    engine: sa.Engine, live: LiveBundle, texts: Sequence[str], bundle_id: str
) -> None:
    """Put a decision of `live` about each text on record, under `bundle_id`."""
    read = _readings(live, texts)
    situation = Situation(last_message="Your order 1182 is on its way. Questions?")
    for start in range(0, len(texts), PART):
        rows = []
        for number, text in enumerate(texts[start : start + PART], start):
            moment = BEGAN + timedelta(seconds=number)
            reply = Reply(text, moment)
            decision = decide(reply, situation, live.rules, read.get(text))
            arrival = Arrival(f"m{number}", "+15550142", "+15550199", text, moment)
            ids = Ids(f"d{number:08d}", "c", ("e",) * len(decision.effects))
            one = Read(arrival, live, read.get(text))
            rows.append(
                {
                    "message_id": f"m{number}",
                    "decision_id": ids.decision_id,
                    "conversation_id": "c",
                    "received_at": moment,
                    "recorded_at": moment,
                    "bundle": bundle_id,
                    "program": "fernhill",
                    "inputs": to_json(inputs_body(one, situation)),
                    "decision": to_json(decision_body(one, decision, ids)),
                }
            )
        with writing(engine) as connection:
            connection.execute(sa.insert(decisions), rows)


def batched_seconds(
    classifier: Classifier, texts: Sequence[str], threads: int
) -> float:
    """Return how long the raw session takes in padded batches of like length."""
    ids = sorted(classifier.token_ids(texts), key=len)
    batches = [padded(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH)]
    return _seconds(classifier, batches, threads)


def single_seconds(classifier: Classifier, texts: Sequence[str], threads: int) -> float:
    """Return how long it takes one reply a run, as replies are read."""
    ids = classifier.token_ids(texts)
    return _seconds(classifier, [padded([one]) for one in ids], threads)


def replay_rate(engine: sa.Engine, folder: Path, processes: int) -> float:
    """Return replies a second of a whole replay, from its first page on."""
    steps: list[tuple[float, int]] = []
    request = Request(
        bundle=DEFAULT,
        known=(),
        span=SPAN,
        since="",
        until=None,
        processes=processes,
        out=folder / "replay.html",
        parquet=folder / "flips.parquet",
        json=None,
    )
    run_replay(request, engine, lambda n, _: steps.append((perf_counter(), n)))
    (began, first), (ended, last) = steps[1], steps[-1]
    return (last - first) / (ended - began)


def distinct(texts: Sequence[str], count: int) -> list[str]:
    """Return so many of the texts at random, none twice."""
    places = np.random.default_rng(7).permutation(len(texts))[:count]
    return [texts[place] for place in places.tolist()]


def drawn(texts: Sequence[str], count: int) -> list[str]:
    """Return texts as traffic repeats them: the n-th commonest 1/n as often."""
    weights = 1 / np.arange(1, len(texts) + 1)
    draw = np.random.default_rng(7)
    places = draw.choice(len(texts), count, p=weights / weights.sum())
    return [texts[place] for place in places.tolist()]


def _watch(folder: Path, live: LiveBundle, texts: Sequence[str], rows: int) -> None:
    """Print how much memory one replay of so many rows takes."""
    engine = open_store(f"sqlite:///{folder}/store.db")
    fill(engine, live, drawn(texts, rows), OLD)
    engine.dispose()
    command = [
        *(sys.executable, "-c", "from serving.cli import main; main()", "replay"),
        *("--bundle", str(DEFAULT), "--database-url", f"sqlite:///{folder}/store.db"),
        *("--since", "2026-01-01", "--until", "2027-01-01"),
        *("--out", str(folder / "replay.html"), "--parquet", str(folder / "f.parquet")),
    ]
    most, began = 0.0, perf_counter()
    with subprocess.Popen(command) as process:  # noqa: S603 - our own command
        while process.poll() is None:
            most = max(most, _megabytes(process.pid))
            sleep(WATCH_SECONDS)
    seconds = perf_counter() - began
    told = f"{rows} rows in {seconds:.0f} s; {most:.0f} MB at most, all processes"
    Console().print(told, highlight=False)


def _megabytes(pid: int) -> float:
    """Return the resident memory of a process and its children, in megabytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        pids = [str(pid), *children.read_text(encoding="ascii").split()]
        told = [
            Path(f"/proc/{one}/status").read_text("ascii", "replace") for one in pids
        ]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # One of them ended meanwhile.
    lines = [line for status in told for line in status.splitlines()]
    return sum(float(line.split()[1]) for line in lines if line[:5] == "VmRSS") / 1024


def _readings(live: LiveBundle, texts: Sequence[str]) -> dict[str, Prediction]:
    asked = [t for t in dict.fromkeys(texts) if needs_prediction(t, live.rules)]
    classifier = live.bundle.classifier
    parts = [asked[at : at + PART] for at in range(0, len(asked), PART)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        read = pool.map(partial(read_all, classifier), parts)
        return dict(zip(asked, chain.from_iterable(read), strict=True))


def _seconds(
    classifier: Classifier, batches: Sequence[tuple[Ints, Ints]], threads: int
) -> float:
    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda batch: classifier.run(*batch), batches):
            pass
    return perf_counter() - began


def _order(text: str) -> tuple[int, str]:
    return len(text), text


if __name__ == "__main__":
    main()
