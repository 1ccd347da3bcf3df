"""The quiet hours: which windows hold at a spot, for a program."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from serving.sending.moments import Clock
from serving.sending.place import FEDERAL_TERRITORY, Spot, Whereabouts
from serving.sending.window import Sureness, Window

_SURE = frozenset({Sureness.PRIMARY, Sureness.SECONDARY})


@dataclass(frozen=True, slots=True)
class WindowTable:
    """The windows; each may be missing in a program's own table.

    Attributes:
        federal: holds in all of the United States, beside the state's.
        default: holds where a state or a country has no row.
        states: rows of the United States, by their two letters.
        countries: rows of other countries, ISO 3166.
    """

    federal: Window | None = None
    default: Window | None = None
    states: Mapping[str, Window] = field(default_factory=dict)
    countries: Mapping[str, Window] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The windows of every place, and what single programs have instead.

    Attributes:
        federal: see `WindowTable`.
        default: see `WindowTable`.
        states: see `WindowTable`.
        countries: see `WindowTable`.
        of_program: rows that stand in for these, by program id.
    """

    federal: Window
    default: Window
    states: Mapping[str, Window]
    countries: Mapping[str, Window]
    of_program: Mapping[str, WindowTable]

    def clocks(self, program_id: str, where: Whereabouts) -> tuple[Clock, ...]:
        """Return the windows that hold for a program wherever the contact can be."""
        own = self.of_program.get(program_id, WindowTable())
        of_zone: dict[str, dict[str, Window]] = {}
        for spot in where.spots:
            windows = of_zone.setdefault(spot.zone, {})
            windows |= {w.name: w for w in self._windows(own, where.country, spot)}
        return tuple(
            Clock(ZoneInfo(zone), tuple(windows.values()))
            for zone, windows in of_zone.items()
        )

    def _windows(
        self, own: WindowTable, country: str | None, spot: Spot
    ) -> Iterator[Window]:
        default = own.default or self.default
        if country in FEDERAL_TERRITORY:
            yield own.federal or self.federal
            key, mine, all_ = spot.state or "", own.states, self.states
        else:
            key, mine, all_ = country or "", own.countries, self.countries
        row = mine.get(key) or all_.get(key)
        if row is not None:
            yield row
        # A doubtful row may close more than our own caution; it opens nothing.
        if row is None or (key not in mine and row.sureness not in _SURE):
            yield default
