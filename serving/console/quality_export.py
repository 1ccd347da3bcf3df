"""What the Quality page shows, as CSV for other programs. Pure."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from math import isinf

import numpy as np

from serving.sampling.facts import UNREVIEWED
from serving.sampling.gathered import Gathered
from serving.sampling.quality import Line, Quality

Row = Mapping[str, object]

RATE_COLUMNS = (
    *("of", "name", "rate", "share", "low", "high", "limit", "standing"),
    *("effective", "reviewed", "drawn", "events", "decisions"),
)
DESIGN_COLUMNS = (*("day", "stratum", "decisions", "drawn", "probability", "reviewed"),)


def rates_csv(quality: Quality) -> str:
    """Return every rate: overall, by intent, by program and by week.

    What rests on too few reviews to be shown has no share.
    """
    parts = (
        *(("all", line) for line in quality.overall),
        *(("intent", line) for line in quality.intents),
        *(("program", line) for lines in quality.programs.values() for line in lines),
        *(
            (f"week {week}", line)
            for week, lines in quality.weeks.items()
            for line in lines
        ),
    )
    return _csv(RATE_COLUMNS, (_rate(of, line) for of, line in parts))


def design_csv(gathered: Gathered) -> str:
    """Return each stratum of each day, with how likely its decisions were drawn."""
    facts = gathered.facts
    done = facts.part[facts.verdict != UNREVIEWED]
    reviewed = np.bincount(done, minlength=len(gathered.frame))
    rows = (
        {
            "day": row.period,
            "stratum": row.stratum.name,
            "decisions": row.decisions,
            "drawn": row.drawn,
            "probability": f"{row.drawn / row.decisions:.6g}",
            "reviewed": int(count),
        }
        for row, count in zip(gathered.frame, reviewed, strict=True)
    )
    return _csv(DESIGN_COLUMNS, rows)


def _rate(of: str, line: Line) -> Row:
    row: dict[str, object] = {
        "of": of,
        "name": line.of,
        "rate": line.rate.key,
        "limit": line.limit,
        "standing": line.judgement.standing.value,
        "drawn": line.drawn,
        "reviewed": line.estimate.reviewed if line.estimate else 0,
    }
    found = line.shown
    if found is None:
        return row
    return row | {
        "share": f"{found.share:.6g}",
        "low": f"{found.low:.6g}",
        "high": f"{found.high:.6g}",
        "effective": "" if isinf(found.effective) else f"{found.effective:.6g}",
        "events": found.events,
        "decisions": round(found.decisions),
    }


def _csv(columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
