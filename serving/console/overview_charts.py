"""The figures of the Overview as charts: what the page's `chart` macro takes. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from serving.console.overview_figures import PERCENTILES, Figures
from serving.console.overview_filters import Filters
from serving.console.overview_words import day, percent
from serving.routing.decision import Action
from serving.store.moments import DAY

SHOWN_INTENTS = 12
"""The most frequent ones; the others are added up."""

ACTIONS = {
    Action.REPLY: "Answered",
    Action.ASK: "Asked back",
    Action.ESCALATE: "To a person",
    Action.SILENT: "Nothing sent",
}
SENTIMENTS = ("positive", "neutral", "negative")

NO_INTENT = "nothing to read"
NO_LANGUAGE = "not told"
THE_REST = "the rest"

Chart = dict[str, Any]


def charts(figures: Figures, filters: Filters) -> dict[str, Chart]:
    """Return the charts by the id that they have on the page."""
    return {
        "replies": _replies(figures, filters),
        "intents": _intents(figures.intents),
        "sentiment": _sentiment(figures, filters),
        "opt-outs": _opt_outs(figures, filters),
        "delays": _delays(figures, filters),
        "languages": _bars(figures.languages, NO_LANGUAGE),
        "deciders": _bars(figures.deciders, ""),
    }


def _labels(filters: Filters, step: timedelta) -> list[str]:
    """Return what hours or days are called; one that is under way says so."""
    return [
        f"{day(begins)}{'' if step == DAY else f'{begins: %H:00}'}"
        f"{', so far' if begins + step > filters.period.end else ''}"
        for begins in filters.steps(step)
    ]


def _replies(figures: Figures, filters: Filters) -> Chart:
    steps = filters.steps(filters.step)
    series = [
        (name, [figures.actions[step, action] for step in steps])
        for action, name in ACTIONS.items()
    ]
    return _chart("stacked", _labels(filters, filters.step), series)


def _intents(intents: Counter[tuple[str, str]]) -> Chart:
    """Return the intents by action, the most frequent one first."""
    sizes: Counter[str] = Counter()
    for (intent, _), replies in intents.items():
        sizes[intent] += replies
    order = sorted(sizes, key=lambda intent: (-sizes[intent], intent))
    shown, rest = order[:SHOWN_INTENTS], order[SHOWN_INTENTS:]
    series = []
    for action, name in ACTIONS.items():
        values = [intents[intent, action] for intent in shown]
        if rest:
            values.append(sum(intents[intent, action] for intent in rest))
        series.append((name, values))
    labels = [intent or NO_INTENT for intent in shown]
    return _chart("stacked", labels + [THE_REST] * bool(rest), series, across=True)


def _sentiment(figures: Figures, filters: Filters) -> Chart:
    """Return the share of each sentiment among the replies that have one."""
    counts = figures.sentiments
    steps = filters.steps(filters.rate_step)
    read = [sum(counts[step, name] for name in SENTIMENTS) for step in steps]
    series = [
        (
            name,
            [
                _rounded(percent(counts[step, name], whole))
                for step, whole in zip(steps, read, strict=True)
            ],
        )
        for name in SENTIMENTS
    ]
    labels = _labels(filters, filters.rate_step)
    return _chart("line", labels, series, y="of what the model read", unit="%")


def _opt_outs(figures: Figures, filters: Filters) -> Chart:
    rates = [
        _rounded(percent(figures.opt_outs[step], figures.replies[step]))
        for step in filters.steps(filters.rate_step)
    ]
    labels = _labels(filters, filters.rate_step)
    return _chart("line", labels, [("Opt-outs", rates)], y="of all replies", unit="%")


def _delays(figures: Figures, filters: Filters) -> Chart:
    none = (None,) * len(PERCENTILES)
    found = [
        figures.delays.get(step, none) for step in filters.steps(filters.rate_step)
    ]
    series = [
        (f"p{100 * share:g}", [_rounded(delays[place]) for delays in found])
        for place, share in enumerate(PERCENTILES)
    ]
    labels = _labels(filters, filters.rate_step)
    return _chart("line", labels, series, y="percentiles", unit="ms")


def _bars(counts: Mapping[str, int], unknown: str) -> Chart:
    order = sorted(counts, key=lambda name: (-counts[name], name))
    labels = [name or unknown for name in order]
    values = [counts[name] for name in order]
    return _chart("bar", labels, [("Replies", values)], across=True)


def _chart(
    kind: str,
    labels: list[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    y: str = "",
    unit: str = "",
    across: bool = False,
) -> Chart:
    """Return what the macro takes; `across` lays bars on their side."""
    return {
        "type": kind,
        "labels": labels,
        "series": [{"name": name, "values": list(values)} for name, values in series],
        "y": y,
        "unit": unit,
        "across": across,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
