"""What others published on the same sets, with where it stands.

Shares of 1 as their authors gave them; nothing here was measured by the benchmark
but `from_predictions`, which scores published predictions row by row.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.errors import InputError
from model.files import read_rows
from training.benchmark.figures import figure
from training.benchmark.measures import RANKING, Measure, Reading, accuracy
from training.benchmark.splits import LABEL, check_columns
from training.evaluation import Interval

NO_MATCH = "NO_MATCH"
"""What Dialogflow CX says where it gives no intent."""


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure.

    Attributes:
        system: what was measured.
        parameters: its size as published; empty where none is stated.
        value: the figure.
        source: where it stands, and what to know of it.
        interval: of figures that were computed from published predictions.
    """

    system: str
    parameters: str
    value: float
    source: str
    interval: Interval | None = None


_SPACE2 = ("SPACE-2", "110M")
_SPACE2_SOURCE = "He et al. 2022, arXiv:2209.06638"
_ICDA = ("ICDA", "")
_ICDA_SOURCE = "Lin et al. 2023, arXiv:2302.05096; adds generated texts"
_CPFT = ("CPFT", "125M")
_CPFT_SOURCE = "Zhang et al. 2021, arXiv:2109.06349"
_SNGP = ("SNGP, BERT", "110M")
_SNGP_SOURCE = "google/uncertainty-baselines, clinc_intent"
_FROZEN = ("this encoder frozen + logistic regression", "22M")
_NEAREST = ("this encoder frozen + nearest neighbour", "22M")
_ONCE = "measured once for this project; the script was not kept"

FIGURES: dict[tuple[str, Measure], tuple[Published, ...]] = {
    ("banking77", Measure.ACCURACY): (
        Published(*_SPACE2, 0.9477, _SPACE2_SOURCE),
        Published("MPNet, tuned", "110M", 0.941, "as reported; not traced further"),
    ),
    ("banking77-10", Measure.ACCURACY): (
        Published(*_ICDA, 0.8979, _ICDA_SOURCE),
        Published(*_CPFT, 0.8720, _CPFT_SOURCE),
        Published(*_FROZEN, 0.863, _ONCE),
    ),
    ("banking77-5", Measure.ACCURACY): (
        Published(*_ICDA, 0.8401, _ICDA_SOURCE),
        Published(*_CPFT, 0.8086, _CPFT_SOURCE),
        Published(*_FROZEN, 0.807, _ONCE),
    ),
    ("clinc150", Measure.ACCURACY): (
        Published(*_SPACE2, 0.9780, _SPACE2_SOURCE),
        Published(*_ICDA, 0.9712, _ICDA_SOURCE),
        Published(*_SNGP, 0.969, _SNGP_SOURCE),
        Published(*_NEAREST, 0.954, _ONCE),
    ),
    ("clinc150-10", Measure.ACCURACY): (
        Published(*_ICDA, 0.9484, _ICDA_SOURCE),
        Published(*_CPFT, 0.9418, _CPFT_SOURCE),
    ),
    ("clinc150-5", Measure.ACCURACY): (
        Published(*_ICDA, 0.9262, _ICDA_SOURCE),
        Published(*_CPFT, 0.9234, _CPFT_SOURCE),
    ),
    ("clinc150", Measure.AUROC): (
        Published(
            *("RoBERTa + Mahalanobis distance", "125M", 0.984),
            "Podolskiy et al. 2021, arXiv:2101.03778",
        ),
        Published(*_NEAREST, 0.975, _ONCE),
        Published(*_SNGP, 0.969, _SNGP_SOURCE),
    ),
    ("clinc150", Measure.RECALL): (
        Published(
            *("MPNet frozen + SVM", "110M", 0.815),
            "model card clinc150-mpnet-oos; knows `oos` rows as a label; 3.96 % false",
        ),
    ),
    ("clinc150", Measure.CALIBRATION): (Published(*_SNGP, 0.0104, _SNGP_SOURCE),),
    ("clinc150", Measure.STREAM_CALIBRATION): (Published(*_SNGP, 0.080, _SNGP_SOURCE),),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A file of published predictions: who made it, and what its figures are worth."""

    file: str
    prefix: str
    system: str
    parameters: str
    source: str
    abstains: bool = True


PREDICTIONS = {
    "banking77": (
        Rows(
            "published_predictions_dialogflow_cx.csv",
            *("dfcx", "Dialogflow CX", ""),
            "florisdenhengst/cicc, row by row; NO_MATCH abstains",
        ),
        Rows(
            "published_predictions_dialogflow_cx.csv",
            *("dfcx", "Dialogflow CX, NO_MATCH as it is scored", ""),
            "the same; a NO_MATCH is a wrong answer with its own score",
            abstains=False,
        ),
        Rows(
            "published_predictions_bert_cicc.csv",
            *("bert", "BERT on a split of its own", "110M"),
            "florisdenhengst/cicc, row by row; an easier split than the official test",
        ),
    )
}


def published(name: str, folder: Path) -> dict[Measure, list[Published]]:
    """Return what is published on the set `name`, whose files lie in `folder`.

    Raises:
        InputError: a file of published predictions is not as expected.
    """
    told = {
        measure: list(figures)
        for (subject, measure), figures in FIGURES.items()
        if subject == name
    }
    for rows in PREDICTIONS.get(name, ()):
        if (folder / rows.file).is_file():
            for measure, figure in from_predictions(folder / rows.file, rows).items():
                told.setdefault(measure, []).append(figure)
    return told


def from_predictions(path: Path, rows: Rows) -> dict[Measure, Published]:
    """Return the figures of published predictions, with bootstrap intervals.

    A prediction of NO_MATCH is wrong; where it `abstains` it is the least sure of all,
    else it keeps the score that came with it.
    """
    predicted, score = f"{rows.prefix}_pred", f"{rows.prefix}_score"
    check_columns(path, (LABEL, predicted, score))
    told = read_rows(path, LABEL)
    right = np.array([row[LABEL] == row[predicted] for row in told])
    confidence = np.array(
        [_number(path, n, score, row[score]) for n, row in enumerate(told, start=1)]
    )
    if rows.abstains:
        confidence[[row[predicted] == NO_MATCH for row in told]] = -np.inf

    # What a score is called for is its order: it need not be a probability.
    measures = [*([(Measure.ACCURACY, accuracy)] if rows.abstains else []), *RANKING]
    reading = Reading(right, confidence, np.zeros(0), np.zeros(0))
    parts = np.arange(len(told)), np.arange(0)
    return {
        measure: Published(
            *(rows.system, rows.parameters, interval.value, rows.source, interval)
        )
        for measure, statistic in measures
        for interval in [figure(measure, statistic, [reading], parts).interval]
    }


def _number(path: Path, row: int, column: str, cell: object) -> float:
    try:
        return float(str(cell))
    except ValueError:
        problem = "expected a number"
        raise InputError(path, problem, row=row, column=column) from None
