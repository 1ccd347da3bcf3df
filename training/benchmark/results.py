"""What one set gave, beside what others published on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.benchmark.figures import Figure
from training.benchmark.measures import LESS_IS_BETTER, Measure
from training.benchmark.published import Published
from training.benchmark.sets import POOL, PublicSet
from training.evaluation import Interval

OURS = "replywise"
PARAMETERS = "22M"
"""Of all-MiniLM-L6-v2, the encoder that every set begins with."""


@dataclass(frozen=True, slots=True)
class Result:
    """One set, trained and scored.

    Attributes:
        subject: the set.
        deep: whether the encoder was tuned.
        seeds: the seeds it was trained with.
        seconds: what training took, by seed.
        figures: ours.
        rivals: what is published, by measure.
    """

    subject: PublicSet
    deep: bool
    seeds: Sequence[int]
    seconds: Sequence[float]
    figures: Sequence[Figure]
    rivals: dict[Measure, list[Published]]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table, as text."""

    system: str
    parameters: str
    value: str
    interval: str
    source: str
    ours: bool = False


def sections(result: Result) -> list[tuple[Measure, list[Line]]]:
    """Return the table's lines by measure: published ones best first, then ours."""
    told = []
    for figure in result.figures:
        rivals = sorted(
            result.rivals.get(figure.measure, ()),
            key=lambda rival: rival.value,
            reverse=figure.measure not in LESS_IS_BETTER,
        )
        lines = [_theirs(figure.measure, rival) for rival in rivals]
        told.append((figure.measure, [*lines, _ours(result, figure)]))
    return told


def title(result: Result) -> str:
    """Return what was trained on and what was scored, in one line."""
    subject = result.subject
    labels = len(set(subject.train.labels))
    return (
        f"{subject.name}: {len(subject.train.texts):,} rows of "
        f"{subject.files.train.name}, {labels} labels; scored on "
        f"{len(subject.test.texts):,} rows of {subject.files.test.name}"
    )


def notes(result: Result) -> list[str]:
    """Return what a reader of the figures must know."""
    subject = result.subject
    told = []
    if len(subject.train.texts) < subject.rows:
        sample = f"{len(subject.train.texts):,} of {subject.rows:,}"
        told.append(f"Trained on a sample: {sample} rows.")
    if subject.files.train.name == POOL:
        told.append(
            "The training rows are rebuilt from SemEval 2013 to 2016: a near-superset "
            "of the official ones, not the same."
        )
    if subject.sentiments:
        told.append(
            "Sentiments are learned as intents are, by the same recipe; how sure one "
            "is says its probability, as nothing is outside the sentiments."
        )
    if subject.files.test.name != "test.csv":
        told.append(f"Scored on the validation split, {subject.files.test.name}.")
    told.append(
        "Test texts that also occur in train, case and punctuation ignored: "
        f"{int(subject.repeated.sum())}."
    )
    if subject.unknown:
        rows = f"{subject.unknown} test rows have"
        told.append(f"{rows} a label that training never saw; they count as wrong.")
    if subject.left_out:
        told.append(
            f"{subject.left_out:,} training rows bear a label of the out-of-scope ones "
            "and are left out, as are such rows of test and validation."
        )
    if subject.outside:
        told.append(
            f"{len(subject.outside):,} out-of-scope rows are scored; none of the set's "
            "is trained on. At 4 % false, the threshold is set on the test rows."
        )
    seconds = sum(result.seconds) / len(result.seconds)
    told.append(f"Training took {seconds:.0f} s a seed.")
    return told


def body(result: Result) -> dict[str, object]:
    """Return a result for programs; shares are of 1."""
    subject = result.subject
    return {
        "set": subject.name,
        "files": subject.digests,
        "train_rows": len(subject.train.texts),
        "train_rows_in_file": subject.rows,
        "test_rows": len(subject.test.texts),
        "out_of_scope_rows": len(subject.outside),
        "test_texts_also_in_train": int(subject.repeated.sum()),
        "labels": len(set(subject.train.labels)),
        "deep": result.deep,
        "seeds": list(result.seeds),
        "seconds": [round(seconds, 1) for seconds in result.seconds],
        "notes": notes(result),
        "figures": [
            {"measure": f.measure, **_interval(f.interval), "by_seed": list(f.seeds)}
            for f in result.figures
        ],
        "published": [
            {
                "measure": measure,
                "system": rival.system,
                "parameters": rival.parameters or None,
                **(_interval(rival.interval) if rival.interval else {}),
                "value": rival.value,
                "source": rival.source,
            }
            for measure, rivals in result.rivals.items()
            for rival in rivals
        ],
    }


def _theirs(measure: Measure, rival: Published) -> Line:
    if rival.interval:
        value, interval = _computed(measure, rival.interval)
    else:
        value, interval = _number(measure, rival.value).rstrip("0").rstrip("."), ""
    return Line(rival.system, rival.parameters, value, interval, rival.source)


def _ours(result: Result, figure: Figure) -> Line:
    value, interval = _computed(figure.measure, figure.interval)
    source = f"this run, seed {result.seeds[0]}"
    if len(result.seeds) > 1:
        low, high = (_number(figure.measure, f(figure.seeds)) for f in (min, max))
        source = f"this run, mean of {len(result.seeds)} seeds: {low} to {high}"
    speed = "encoder tuned" if result.deep else "heads only"
    return Line(
        f"{OURS}, {speed}, int8", PARAMETERS, value, interval, source, ours=True
    )


def _computed(measure: Measure, told: Interval) -> tuple[str, str]:
    value, low, high = (_number(measure, n) for n in (told.value, told.low, told.high))
    return value, f"{low} to {high}"


def _number(measure: Measure, value: float) -> str:
    return f"{value:.4f}" if measure is Measure.AURC else f"{100 * value:.2f}"


def _interval(told: Interval) -> dict[str, float]:
    return {"value": told.value, "low": told.low, "high": told.high}
