"""Drift over time as charts: what the page's `chart` macro takes. Pure."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from serving.drift.drift_day import DriftDay
from serving.drift.judge import CONFIDENCE, INTENTS, LANGUAGES, MEANING

NAMES = {
    INTENTS: "Intents",
    LANGUAGES: "Languages",
    CONFIDENCE: "Confidence",
    MEANING: "Meaning",
}

Chart = dict[str, Any]
Value = Callable[[DriftDay], float | None]


def charts(days: Sequence[DriftDay]) -> dict[str, Chart]:
    """Return the charts by the id that they have on the page; the first day first."""
    return {
        "distances": _lines(
            days,
            {name: _ratio(measure) for measure, name in NAMES.items()},
            y="times what chance gives",
        ),
        "accuracy": _lines(
            days,
            {
                "What the model decided": lambda day: _hundred(day, answered=False),
                "What was answered": lambda day: _hundred(day, answered=True),
            },
            unit="%",
        ),
        "training": _lines(
            days,
            {"Distance": _from_training},
        ),
        "confidence": _lines(
            days, {"Mean confidence": lambda day: round(day.confidence, 3)}
        ),
        "new": {
            "type": "stacked",
            "labels": _labels(days),
            "series": [
                {"name": "New words", "values": [len(day.words) for day in days]},
                {"name": "New groups", "values": [len(day.groups) for day in days]},
            ],
        },
    }


def _lines(
    days: Sequence[DriftDay], series: dict[str, Value], *, y: str = "", unit: str = ""
) -> Chart:
    return {
        "type": "line",
        "labels": _labels(days),
        "series": [
            {"name": name, "values": [value(day) for day in days]}
            for name, value in series.items()
        ],
        "y": y,
        "unit": unit,
    }


def _ratio(name: str) -> Value:
    def value(day: DriftDay) -> float | None:
        measure = day.measure(name)
        return None if measure is None else round(measure.apart.ratio, 3)

    return value


def _hundred(day: DriftDay, *, answered: bool) -> float | None:
    told = day.accuracy_answered if answered else day.accuracy
    return None if told is None else round(100 * told.estimate, 2)


def _from_training(day: DriftDay) -> float | None:
    return None if day.from_training is None else round(day.from_training.distance, 3)


def _labels(days: Sequence[DriftDay]) -> list[str]:
    return [_label(day.day) for day in days]


def _label(day: date) -> str:
    return f"{day.day} {day:%b}"
