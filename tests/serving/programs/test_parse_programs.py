import re

import pytest

from model.errors import RulesError
from tests.serving.programs.shipped import (
    DATA,
    NAME,
    programs_of,
    shipped_programs,
    shipped_with,
)

TOKEN = "0123456789abcdef" * 2
FACTS = {"frequency": "Up to 6 msgs/month", "rates": "Msg & data rates may apply"}


def test_the_shipped_file_is_read() -> None:
    program = shipped_programs().default

    assert program.brand == "Fernhill"
    assert program.zone.key == "America/New_York"
    assert program.secrets.environment[0] == "FERNHILL_TWILIO_TOKEN"
    assert program.values()["frequency_es"] == "Hasta 6 mensajes al mes"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"provder": "twilio"}, r"provder: is not known here; there are brand"),
        ({"provider": "pigeon"}, r"provider: expected one of twilio, .*got 'pigeon'"),
        ({"country": "XX"}, r"country: expected a country like US.*got 'XX'"),
        (
            {"languages": ["en", "tlh"]},
            r"languages\[1\]: expected some of en, es.*'tlh'",
        ),
        ({"languages": ["en", "en"]}, r"languages\[1\]: .*once each"),
        ({"languages": []}, r"languages: expected at least one"),
        ({"numbers": []}, r"numbers: expected at least one"),
        ({"numbers": ["+123"]}, r"numbers\[0\]: expected a number like .*'\+123'"),
        ({"numbers": ["72345", "72345"]}, r"numbers\[1\]: 72345 is a number of fernh"),
        (
            {"numbers": ["+13125550187"]},
            r"fernhill_visits\.numbers\[0\]: .*of fernhill a",
        ),
        ({"public_url": "http://texts.example.com"}, r"public_url: expected .*https"),
        (
            {"public_url": "https://texts.example.com/"},
            r"public_url: .*without a slash",
        ),
        ({"public_url": "https://[x"}, r"public_url: expected"),
        ({"support": {}}, r"support\.email: expected an email or a phone"),
        ({"support": {"email": "care"}}, r"support\.email: expected care@example"),
        ({"support": {"phone": "72345"}}, r"support\.phone: expected a phone number"),
        ({"scopes": ["all"]}, r"scopes\[0\]: expected one of marketing, transactional"),
        ({"scopes": []}, r"scopes: expected some of"),
        ({"stop_confirmed_by": "them"}, r"stop_confirmed_by: expected one of us, prov"),
        ({"revoke_all": None}, r"revoke_all: expected true or false, got nothing"),
        ({"revoke_all": "yes"}, r"revoke_all: expected true or false, got str"),
        ({"answers_in_quiet_hours": None}, r"answers_in_quiet_hours: expected true"),
        ({"brand": " "}, r"brand: expected text"),
        ({"frequency_cap": {"messages": 0, "hours": 1}}, r"messages: expected 1 to"),
        ({"help": {"en": FACTS}}, r"help\.es: expected a mapping, got nothing"),
        (
            {"languages": ["en"], "help": {"en": FACTS | {"rates": "20% off today"}}},
            r"help\.en\.rates: expected no word that sells, got '20%'",
        ),
        (
            {"languages": ["en"], "help": {"en": FACTS | {"frequency": "Daily deals"}}},
            r"help\.en\.frequency: expected no word that sells, got 'deals'",
        ),
        ({"country": "CA"}, r"support\.phone: expected a toll-free phone: Canada"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(
    changed: dict[str, object], said: str
) -> None:
    with pytest.raises(RulesError, match=said) as refused:
        programs_of(shipped_with(changed))

    assert re.match(rf"{NAME}: line \d+, programs\.", str(refused.value))


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"zone": "Mars/Olympus", "week": {}}, r"zone: expected a zone like .*'Mars"),
        ({"zone": "Europe/Paris", "week": {"mon": "9-5"}}, r"mon: expected hours like"),
        (
            {"zone": "Europe/Paris", "week": {"mon": "18:00-09:00"}},
            r"mon: expected opening before closing",
        ),
        (
            {"zone": "Europe/Paris", "week": {}, "closed_on": ["soon"]},
            r"closed_on: expected a list of dates",
        ),
    ],
)
def test_hours_that_cannot_be_meant_are_refused(
    hours: dict[str, object], said: str
) -> None:
    with pytest.raises(RulesError, match=said):
        programs_of(shipped_with({"hours": hours}))


@pytest.mark.parametrize(
    "secrets",
    [
        TOKEN,
        [TOKEN],
        {"environment": [TOKEN]},
        {"environment": TOKEN},
        {"environment": [["x", TOKEN]]},
        {"files": [TOKEN]},
        {},
        {"environment": ["A_NAME", "A_NAME"]},
    ],
)
def test_a_secret_in_place_of_its_name_is_refused_and_not_repeated(
    secrets: object,
) -> None:
    with pytest.raises(RulesError, match="secrets") as refused:
        programs_of(shipped_with({"secrets": secrets}))

    assert TOKEN not in str(refused.value)


def test_a_program_that_is_there_twice_is_refused() -> None:
    text = (DATA / NAME).read_text(encoding="utf-8")
    twice = text.replace("  fernhill_visits:\n", "  fernhill:\n")

    with pytest.raises(
        RulesError, match=r"programs\.fernhill: is here twice, first in"
    ):
        programs_of(twice)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "default: fernhill\n",
            "default: nobody\n",
            r"default: expected one of the pro",
        ),
        ("version: 1\n", "version: 2\n", r"version: expected 1 to 1"),
        ("  fernhill_visits:\n", "  Fernhill-Visits:\n", r"expected an id of small"),
        ("version: 1\n", "version: 1\nmore: 1\n", r"more: is not known here"),
    ],
)
def test_the_top_of_the_file_is_read_strictly(old: str, new: str, said: str) -> None:
    text = (DATA / NAME).read_text(encoding="utf-8").replace(old, new, 1)

    with pytest.raises(RulesError, match=said):
        programs_of(text)
