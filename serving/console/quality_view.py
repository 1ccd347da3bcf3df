"""What the Quality page shows of some days, read from the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa

from serving.console.overview_words import day as day_in_words
from serving.console.quality_filters import QualityFilters
from serving.figures.contained import Contained, contained
from serving.figures.period import Period
from serving.routing.policy import Policy
from serving.sampling.designs import KeptDesign, design_on, midnight
from serving.sampling.facts import UNREVIEWED
from serving.sampling.gathered import Gathered, gather, last_day
from serving.sampling.quality import WEEKLY, Line, Quality, quality_of
from serving.sampling.stratum import Stratum
from serving.store.moments import DAY

_WEEKS_FOR_A_CHART = 2


@dataclass(frozen=True, slots=True)
class StratumRow:
    """A stratum over the days that are shown.

    Attributes:
        stratum: its decisions are alike.
        decisions: how many it had.
        drawn: how many of them were drawn.
        reviewed: how many of those are reviewed.
    """

    stratum: Stratum
    decisions: int
    drawn: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class QualityView:
    """The page.

    Attributes:
        first: the first day that is shown.
        last: the last one, which is the last that was drawn from.
        design: what the last day was drawn by.
        gathered: what was drawn.
        quality: what the reviews of it say.
        containment: what became of automatic answers.
    """

    first: date
    last: date
    design: KeptDesign | None
    gathered: Gathered
    quality: Quality
    containment: Contained

    @property
    def days_in_words(self) -> str:
        """The days that are shown: "1 Nov to 30 Nov 2026"."""
        return f"{day_in_words(self.first)} to {day_in_words(self.last)} {self.last:%Y}"

    @property
    def bundles(self) -> list[str]:
        """The bundles that anything was drawn of."""
        return [str(bundle) for bundle in np.unique(self.gathered.facts.bundle)]

    @property
    def strata(self) -> list[StratumRow]:
        """The strata over all days, in order."""
        facts, frame = self.gathered.facts, self.gathered.frame
        done = facts.part[facts.verdict != UNREVIEWED]
        reviewed = np.bincount(done, minlength=len(frame))
        sums: dict[Stratum, tuple[int, int, int]] = {}
        for row, count in zip(frame, reviewed, strict=True):
            decisions, drawn, seen = sums.get(row.stratum, (0, 0, 0))
            sums[row.stratum] = (
                decisions + row.decisions,
                drawn + row.drawn,
                seen + int(count),
            )
        return [StratumRow(stratum, *sums[stratum]) for stratum in sorted(sums)]


def read_view(
    connection: sa.Connection, filters: QualityFilters, policy: Policy
) -> QualityView | None:
    """Return what is shown; None where nothing was drawn yet."""
    last = last_day(connection)
    if last is None:
        return None
    first = filters.first(last)
    gathered = gather(connection, first, last)
    period = Period(midnight(first), midnight(last) + DAY)
    return QualityView(
        first=first,
        last=last,
        design=design_on(connection, last),
        gathered=gathered,
        quality=quality_of(gathered, policy, filters.wanted),
        containment=contained(connection, period, filters.program),
    )


def weekly_charts(quality: Quality) -> list[tuple[str, str, dict[str, Any]]]:
    """Return id, title and data of the charts over time; none of a single week."""
    if len(quality.weeks) < _WEEKS_FOR_A_CHART:
        return []
    return [
        (f"weekly-{rate.key}", rate.name, _chart(quality.weeks, place))
        for place, rate in enumerate(WEEKLY)
    ]


def _chart(weeks: Mapping[str, tuple[Line, ...]], place: int) -> dict[str, Any]:
    lines = [lines[place] for lines in weeks.values()]
    shown = [line.shown for line in lines]
    series = {
        "Share": [found.share if found else None for found in shown],
        "Low": [found.low if found else None for found in shown],
        "High": [found.high if found else None for found in shown],
    }
    if lines[0].limit is not None:
        series["Promised"] = [line.limit for line in lines]
    return {
        "type": "line",
        "labels": [day_in_words(date.fromisoformat(week)) for week in weeks],
        "unit": "%",
        "series": [
            {"name": name, "values": [_percent(value) for value in values]}
            for name, values in series.items()
        ],
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 3)
