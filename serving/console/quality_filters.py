"""What the Quality page is asked for: which days, program and bundle. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from serving.sampling.quality import Wanted

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days"}
USUAL = 30


@dataclass(frozen=True, slots=True)
class QualityFilters:
    """What is asked for.

    Attributes:
        days: one of `PERIODS`.
        program: of this one alone; None for all.
        bundle: of this one alone; None for all.
    """

    days: int = USUAL
    program: str | None = None
    bundle: str | None = None

    @property
    def wanted(self) -> Wanted:
        """The decisions that are asked about."""
        return Wanted(self.program, self.bundle)

    @property
    def query(self) -> str:
        """The address's query that asks for this."""
        told = {"days": str(self.days), "program": self.program, "bundle": self.bundle}
        return urlencode({name: value for name, value in told.items() if value})

    def first(self, last: date) -> date:
        """Return the first of the days that end with `last`."""
        return last - timedelta(days=self.days - 1)


def read_filters(query: Mapping[str, str]) -> QualityFilters:
    """Return what `query` asks for; what cannot be meant is left out.

    A program or bundle that nothing was drawn of gives a page without figures, which
    says so.
    """
    asked = query.get("days", "")
    days = int(asked) if asked.isascii() and asked.isdigit() else USUAL
    return QualityFilters(
        days=days if days in PERIODS else USUAL,
        program=query.get("program") or None,
        bundle=query.get("bundle") or None,
    )
