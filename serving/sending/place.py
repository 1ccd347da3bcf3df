"""Where a contact can be: every zone, and every state where there are states."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumber
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from serving.programs.number import NANP, parsed_phone
from serving.sending.places_of_codes import state_of_area_code, states_of_postcode
from serving.sending.zone_tables import (
    STATES,
    country_of_zone,
    is_zone,
    states_of_zone,
    zones_of_country,
    zones_of_state,
)

FEDERAL_TERRITORY = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
"""Where the federal window holds, and ZIP codes lie; the territories are countries of
their own to ISO."""

_UNITED_STATES = "US"
_AREA_CODE = 3


class PlaceSource(StrEnum):
    """What told us where the contact is, the surest first."""

    PROFILE_STATE = "profile_state"
    PROFILE_ZONE = "profile_zone"
    NUMBER = "number"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """What the contact's profile says; None where it does not.

    Attributes:
        zone: IANA name. One that does not exist counts as not told.
        state: of the United States, two letters. As above.
        postcode: a ZIP code. As above; so does one of a contact of another country,
            whose postcodes have five digits as well (75001 is in Paris and in Texas).
    """

    zone: str | None = None
    state: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """One zone, and one state in it; None outside the United States."""

    zone: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Every spot where a contact can be; a window must be open at all of them.

    Attributes:
        country: ISO 3166; None where not even that is known.
        spots: at least one, in order of name.
        source: what told.
    """

    country: str | None
    spots: tuple[Spot, ...]
    source: PlaceSource

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones, each once."""
        return tuple(dict.fromkeys(spot.zone for spot in self.spots))


def whereabouts(contact: str, known: KnownPlace, home: str) -> Whereabouts:
    """Return where `contact` can be.

    The profile's state or ZIP code comes first, then its zone, then the number: its
    prefix, or every zone of its country where the prefix tells nothing (toll-free
    numbers, short codes, new area codes).

    Args:
        contact: E.164, or whatever the contact is called.
        known: what the profile says.
        home: the country (ISO 3166) of a contact whose number tells none.
    """
    phone = parsed_phone(contact)
    own_states = _own_states(known, _country(phone) or home)
    own_zone = known.zone if known.zone and is_zone(known.zone) else None
    if own_states:
        zones = _zones_in(own_states, own_zone, _number_zones(phone))
        spots = _spots(zones, own_states)
        return Whereabouts(_UNITED_STATES, spots, PlaceSource.PROFILE_STATE)
    if own_zone:
        country = country_of_zone(own_zone) or _country(phone) or home
        states = _states_about(country, frozenset({own_zone}), phone)
        spots = _spots(frozenset({own_zone}), states)
        return Whereabouts(country, spots, PlaceSource.PROFILE_ZONE)
    country = _country(phone) or home
    zones = _number_zones(phone)
    source = PlaceSource.NUMBER if zones else PlaceSource.COUNTRY
    zones = zones or zones_of_country(country) or zones_of_country(home)
    states = _states_about(country, zones, phone)
    return Whereabouts(country, _spots(zones, states), source)


def _own_states(known: KnownPlace, country: str) -> frozenset[str]:
    """Return the states that the profile of a contact of `country` tells."""
    state = (known.state or "").strip().upper()
    if state in STATES:
        return frozenset({state})
    if known.postcode is None or country not in FEDERAL_TERRITORY:
        return frozenset()
    return states_of_postcode(known.postcode)


def _zones_in(
    states: frozenset[str], own: str | None, told: frozenset[str]
) -> frozenset[str]:
    """Return the zones of `states`, fewer where the profile or the number agrees."""
    zones = frozenset(zone for state in states for zone in zones_of_state(state))
    if own:
        # Two facts of one profile: an alias ("US/Eastern") is believed as well.
        return frozenset({own})
    return zones & told or zones


def _number_zones(phone: PhoneNumber | None) -> frozenset[str]:
    """Return the zones of the number's prefix, empty where it tells none."""
    if phone is None:
        return frozenset()
    if phone.country_code != NANP:
        return _real(time_zones_for_number(phone))
    if not phonenumbers.is_number_geographical(phone):
        return frozenset()
    # A mobile of a split area code has no exchange that is listed, and would get the
    # larger side's zone alone: +1 850 is Eastern, and Pensacola is Central.
    area = f"{NANP}{str(phone.national_number)[:_AREA_CODE]}"
    return _real(time_zones_for_number(phone)) | _area_zones(area)


@cache
def _area_zones(area: str) -> frozenset[str]:
    """Return the zones of every exchange of a North American area code."""
    listed = (zones for prefix, zones in TIMEZONE_DATA.items() if prefix[:4] == area)
    return _real(zone for zones in listed for zone in zones)


def _real(zones: Iterable[str]) -> frozenset[str]:
    return frozenset(z for z in zones if z != UNKNOWN_TIMEZONE and is_zone(z))


def _country(phone: PhoneNumber | None) -> str | None:
    if phone is None:
        return None
    country = phonenumbers.region_code_for_number(phone)
    code = phone.country_code
    if country is None and code is not None and code != NANP:
        country = phonenumbers.region_code_for_country_code(code)
    # "001" is a number of no country.
    return country if country and country.isalpha() and country != "ZZ" else None


def _states_about(
    country: str, zones: frozenset[str], phone: PhoneNumber | None
) -> frozenset[str]:
    """Return the states that a number, or else its zones, can be in."""
    if country != _UNITED_STATES:
        return frozenset()
    about = frozenset(state for zone in zones for state in states_of_zone(zone))
    by_number = _state_of_number(phone)
    if by_number is None:
        return about
    # Whoever moved away may still be presumed to be where the number is from.
    return frozenset({by_number}) if by_number in about else about | {by_number}


def _state_of_number(phone: PhoneNumber | None) -> str | None:
    if phone is None or phone.country_code != NANP:
        return None
    return state_of_area_code(str(phone.national_number)[:_AREA_CODE])


def _spots(zones: frozenset[str], states: frozenset[str]) -> tuple[Spot, ...]:
    """Pair zones and states that touch; one that touches none goes with all."""
    if not states:
        return tuple(Spot(zone, None) for zone in sorted(zones))
    pairs = {(z, s) for z in zones for s in states & states_of_zone(z)}
    pairs |= {(z, s) for s in states - {s for _, s in pairs} for z in zones}
    told = {z for z, _ in pairs}
    pairs |= {(z, s) for z in zones - told for s in states}
    return tuple(Spot(zone, state) for zone, state in sorted(pairs))
