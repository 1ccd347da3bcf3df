"""Which zones a country has, and which states of the United States a zone touches."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ALASKA = (
    "America/Adak",
    "America/Anchorage",
    "America/Juneau",
    "America/Metlakatla",
    "America/Nome",
    "America/Sitka",
    "America/Yakutat",
)
_STATES: Mapping[str, str] = {
    # Numbers are told by the large zones alone: Michigan's and Indiana's stand in both.
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC TN "
    "VA VT WV",
    "America/Detroit": "MI",
    "America/Kentucky/Louisville": "KY",
    "America/Kentucky/Monticello": "KY",
    "America/Indiana/Indianapolis": "IN",
    "America/Indiana/Vincennes": "IN",
    "America/Indiana/Winamac": "IN",
    "America/Indiana/Marengo": "IN",
    "America/Indiana/Petersburg": "IN",
    "America/Indiana/Vevay": "IN",
    "America/Chicago": "AL AR FL IA IL IN KS KY LA MI MN MO MS ND NE OK SD TN TX WI",
    "America/Indiana/Tell_City": "IN",
    "America/Indiana/Knox": "IN",
    "America/Menominee": "MI",
    "America/North_Dakota/Center": "ND SD",
    "America/North_Dakota/New_Salem": "ND",
    "America/North_Dakota/Beulah": "ND",
    "America/Denver": "AZ CO ID KS MT ND NE NM NV OR SD TX UT WY",
    "America/Boise": "ID NV OR",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA ID NV OR WA",
    "Pacific/Honolulu": "HI",
    **dict.fromkeys(_ALASKA, "AK"),
}
STATES = frozenset(state for states in _STATES.values() for state in states.split())
"""The fifty and the capital's district."""


def states_of_zone(zone: str) -> frozenset[str]:
    """Return the states that `zone` touches; every state for one that is not listed."""
    return frozenset(_STATES[zone].split()) if zone in _STATES else STATES


def zones_of_state(state: str) -> frozenset[str]:
    """Return the zones that touch `state`."""
    return frozenset(z for z, states in _STATES.items() if state in states.split())


def zones_of_country(country: str) -> frozenset[str]:
    """Return the zones of `country` (ISO 3166), empty where none is known."""
    found = (zone for zone, home in _countries().items() if home == country)
    return frozenset(found)


def country_of_zone(zone: str) -> str | None:
    """Return the country that `zone` is listed under, None where it is a mere alias."""
    return _countries().get(zone)


def is_zone(name: str) -> bool:
    """Return whether `name` is a zone that this machine can tell the time of."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True


@cache
def _countries() -> dict[str, str]:
    """Return each zone's country, from the table that comes with the zone data."""
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab")
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[2]: row[0] for row in rows}
