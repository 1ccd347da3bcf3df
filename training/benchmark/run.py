"""`replywise benchmark intents`: train on public sets, score, say how we stand."""

import json as jsonlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.markup import escape

from model.files import refuse_place, written
from model.prediction import Prediction
from training.benchmark.figures import figures
from training.benchmark.fit import Fit, Reader, fit
from training.benchmark.measures import Doubles, Measure, Reading
from training.benchmark.published import Published, published
from training.benchmark.results import Result, body
from training.benchmark.sets import (
    PublicSet,
    choose,
    find_sets,
    read_set,
    require_enough,
)
from training.benchmark.tables import markdown, print_result
from training.progress import Steps

SEED = 7
"""The first seed, which is the one of `replywise train`; the others count on."""


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    """What `replywise benchmark intents` was asked for.

    Attributes:
        data: folder with one folder a set.
        sets: names of those to run; all where empty.
        seeds: how many seeds each set is trained with.
        rows: at most so many training rows a set; None for all.
        deep: whether the encoder is tuned, or only heads are fitted.
        json: where the figures go for programs.
        markdown: where the tables go for people.
    """

    data: Path
    sets: tuple[str, ...]
    seeds: int
    rows: int | None
    deep: bool
    json: Path | None
    markdown: Path | None


def run_benchmark(
    request: BenchmarkRequest, console: Console, fit: Fit = fit
) -> list[Result]:
    """Run the sets one after the other; the files are whole after each.

    Raises:
        InputError: a set is missing or not as expected; told before any training.
    """
    for path in filter(None, (request.json, request.markdown)):
        refuse_place(path)
    found = find_sets(request.data)
    names = choose(found, request.sets, request.data)
    subjects = [read_set(name, found[name], request.rows) for name in names]
    for subject in subjects:
        require_enough(subject)
    others = [published(s.name, s.files.train.parent) for s in subjects]
    steps = Steps(console)
    results: list[Result] = []
    for subject, rivals in zip(subjects, others, strict=True):
        console.print(f"\n[bold]{escape(subject.name)}[/]", highlight=False)
        results.append(_result(subject, rivals, request, steps, fit))
        print_result(results[-1], console)
        _write(results, request)
    return results


def _result(
    subject: PublicSet,
    rivals: dict[Measure, list[Published]],
    request: BenchmarkRequest,
    steps: Steps,
    fit: Fit,
) -> Result:
    seeds = range(SEED, SEED + request.seeds)
    readings, seconds = [], []
    for seed in seeds:
        began = perf_counter()
        reader = fit(
            subject.train.texts,
            subject.train.labels,
            deep=request.deep,
            seed=seed,
            steps=steps,
        )
        seconds.append(perf_counter() - began)
        readings.append(_reading(reader, subject, steps))
    with steps.step("Scoring, with intervals"):
        told = figures(subject, readings)
    return Result(subject, request.deep, seeds, seconds, told, rivals)


def _reading(reader: Reader, subject: PublicSet, steps: Steps) -> Reading:
    """Read the test rows, and where there are any the others."""
    validation = subject.validation.texts if subject.validation else ()
    parts = [
        subject.test.texts,
        subject.outside,
        validation if subject.outside else (),
    ]
    labels: list[list[str]] = []
    sure: list[Doubles] = []
    with steps.step("Reading the test split", sum(map(len, parts))) as progress:
        for texts in parts:
            told = []
            for start in range(0, len(texts), _SLICE):
                told += reader.predict(texts[start : start + _SLICE])
                progress(len(texts[start : start + _SLICE]))
            labels.append([prediction.intent for prediction in told])
            sure.append(np.array([_sure(prediction, subject) for prediction in told]))
    right = np.array(labels[0]) == np.array(subject.test.labels)
    return Reading(right, *sure)


def _sure(prediction: Prediction, subject: PublicSet) -> float:
    first = prediction.intents[0]
    return first.probability if subject.sentiments else prediction.confidence


def _write(results: Sequence[Result], request: BenchmarkRequest) -> None:
    if request.json:
        with written(request.json) as part:
            told = {"sets": [body(result) for result in results]}
            part.write_text(jsonlib.dumps(told, indent=1) + "\n", encoding="utf-8")
    if request.markdown:
        with written(request.markdown) as part:
            part.write_text(markdown(results), encoding="utf-8")


_SLICE = 256
