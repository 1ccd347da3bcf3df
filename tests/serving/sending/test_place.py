import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from serving.sending.place import KnownPlace, PlaceSource, whereabouts
from serving.sending.places_of_codes import state_of_area_code, states_of_postcode
from serving.sending.zone_tables import (
    STATES,
    is_zone,
    states_of_zone,
    zones_of_country,
    zones_of_state,
)


@pytest.mark.parametrize(
    ("contact", "zones", "states"),
    [
        ("+12125551234", {"America/New_York"}, {"NY"}),
        (
            "+12085551234",
            {"America/Boise", "America/Denver", "America/Los_Angeles"},
            {"ID"},
        ),
        ("+18505551234", {"America/New_York", "America/Chicago"}, {"FL"}),
        ("+16135551234", {"America/Toronto"}, {None}),
        ("+33612345678", {"Europe/Paris"}, {None}),
        ("+16715551234", {"Pacific/Guam"}, {None}),
    ],
)
def test_a_number_tells_every_zone_and_state_it_can_be_in(
    contact: str, zones: set[str], states: set[str | None]
) -> None:
    where = whereabouts(contact, KnownPlace(), "US")

    assert set(where.zones) == zones
    assert {spot.state for spot in where.spots} == states
    assert where.source is PlaceSource.NUMBER


@pytest.mark.parametrize("contact", ["+18005551234", "+15551234567", "72345", "", "Al"])
def test_a_number_that_tells_nothing_can_be_anywhere_in_the_country(
    contact: str,
) -> None:
    where = whereabouts(contact, KnownPlace(), "US")

    assert set(where.zones) == zones_of_country("US")
    assert {spot.state for spot in where.spots} == STATES
    assert where.source is PlaceSource.COUNTRY


def test_where_nothing_is_told_the_program_says_the_country() -> None:
    where = whereabouts("38555", KnownPlace(), "FR")

    assert (where.country, where.zones) == ("FR", ("Europe/Paris",))


@pytest.mark.parametrize(
    ("contact", "known", "zones", "states"),
    [
        # El Paso by its ZIP code: the number's own zone, or both zones of Texas.
        ("+19155551234", KnownPlace(postcode="79901"), {"America/Denver"}, {"TX"}),
        (
            "+12125551234",
            KnownPlace(postcode="79901-1234"),
            {"America/Denver", "America/Chicago"},
            {"TX"},
        ),
        ("+12125551234", KnownPlace(state="ca"), {"America/Los_Angeles"}, {"CA"}),
        (
            "+18505551234",
            KnownPlace(zone="America/Chicago"),
            {"America/Chicago"},
            {"FL"},
        ),
        ("+12125551234", KnownPlace(zone="US/Eastern"), {"US/Eastern"}, {"NY"}),
        ("+12125551234", KnownPlace(zone="Europe/Paris"), {"Europe/Paris"}, {None}),
        ("+12125551234", KnownPlace(zone="Mars/X"), {"America/New_York"}, {"NY"}),
        # A number of Puerto Rico can have moved to a state.
        (
            "+17875551234",
            KnownPlace(postcode="90210"),
            {"America/Los_Angeles"},
            {"CA"},
        ),
        # Whoever names a state is believed, wherever the number is from.
        ("+33612345678", KnownPlace(state="MA"), {"America/New_York"}, {"MA"}),
        (
            "+12125551234",
            KnownPlace(state="XX", postcode="?", zone="/"),
            {"America/New_York"},
            {"NY"},
        ),
    ],
)
def test_the_profile_narrows_it(
    contact: str, known: KnownPlace, zones: set[str], states: set[str | None]
) -> None:
    where = whereabouts(contact, known, "US")

    assert set(where.zones) == zones
    assert {spot.state for spot in where.spots} == states


@pytest.mark.parametrize(
    ("contact", "postcode", "home", "country"),
    [
        ("+33612345678", "75001", "US", "FR"),
        ("+4915112345678", "10115", "US", "DE"),
        ("+16135551234", "90210", "US", "CA"),
        ("38555", "75001", "FR", "FR"),
    ],
)
def test_a_postcode_of_another_country_is_no_zip_code(
    contact: str, postcode: str, home: str, country: str
) -> None:
    where = whereabouts(contact, KnownPlace(postcode=postcode), home)

    assert where == whereabouts(contact, KnownPlace(), home)
    assert where.country == country


def test_a_postcode_that_lost_its_zero_leaves_the_number_to_tell() -> None:
    where = whereabouts("+12015550123", KnownPlace(postcode="7030"), "US")

    assert {spot.state for spot in where.spots} == {"NJ"}
    assert where.source is PlaceSource.NUMBER


def test_whoever_moved_away_keeps_the_state_of_the_number() -> None:
    where = whereabouts("+13055551234", KnownPlace(zone="America/Phoenix"), "US")

    assert {spot.state for spot in where.spots} == {"AZ", "FL"}


@given(st.text(max_size=20), st.text(max_size=8), st.text(max_size=3), st.text())
def test_there_is_always_a_spot_whose_clock_can_be_read(
    contact: str, zone: str, state: str, postcode: str
) -> None:
    where = whereabouts(contact, KnownPlace(zone, state, postcode), "US")

    assert where.spots
    assert all(is_zone(name) for name in where.zones)


def test_every_zone_that_a_number_can_have_is_one_whose_clock_can_be_read() -> None:
    told = {zone for zones in TIMEZONE_DATA.values() for zone in zones}

    assert {zone for zone in told if not is_zone(zone)} == set()


def test_the_area_codes_agree_with_the_geocoder() -> None:
    named = {
        prefix[1:4]: found[1]
        for prefix, names in GEOCODE_DATA.items()
        if prefix[0] == "1"
        and len(prefix) > 4
        and (found := re.search(r", ([A-Z]{2})$", names.get("en", "")))
        and found[1] in STATES
    }
    del named["201"]  # One exchange of New Jersey's is described as New York City's.

    assert named.items() <= {code: state_of_area_code(code) for code in named}.items()
    assert state_of_area_code("201") == "NJ"
    assert len(named) > 200


def test_zones_touch_the_states_that_numbers_put_them_in() -> None:
    missing = {
        (zone, state)
        for prefix, zones in TIMEZONE_DATA.items()
        if len(prefix) >= 4 and prefix[0] == "1"
        if (state := state_of_area_code(prefix[1:4]))
        for zone in zones
        if state not in states_of_zone(zone)
    }

    # A few Aleutians are written down under Hawaii's zone, whose clock they share.
    assert missing <= {("Pacific/Honolulu", "AK")}


def test_every_zone_of_the_country_touches_a_state_and_the_reverse() -> None:
    assert all(states_of_zone(zone) < STATES for zone in zones_of_country("US"))
    assert all(zones_of_state(state) for state in STATES)


@pytest.mark.parametrize(
    ("postcode", "states"),
    [
        ("02139", {"MA"}),
        (" 02139-4307 ", {"MA"}),
        ("021394307", {"MA"}),
        ("90210", {"CA"}),
        ("06390", {"CT", "NY"}),
        ("99999", {"AK"}),
        ("00000", set()),
        ("", set()),
        # No whole ZIP codes, though their first three digits are a state's.
        ("7030", set()),
        ("021", set()),
        ("02139-43", set()),
        ("750011", set()),
        ("750 01", set()),
        ("902AB", set()),
    ],
)
def test_a_zip_code_tells_every_state_it_can_be_in(
    postcode: str, states: set[str]
) -> None:
    assert states_of_postcode(postcode) == states
