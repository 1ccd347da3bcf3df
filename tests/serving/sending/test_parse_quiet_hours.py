import re

import pytest
import yaml

from model.errors import RulesError
from serving.sending.place import KnownPlace, whereabouts
from serving.sending.quiet_hours import QuietHours
from serving.sending.window import Sureness
from tests.serving.programs.shipped import DATA
from tests.serving.sending.asked import MIAMI, NAME, NEW_YORK, SHIPPED, quiet_hours

ROW = {"hours": "10:00-19:00", "sure": "own_choice", "note": "for a test"}


def changed(**fields: object) -> str:
    body = yaml.safe_load((DATA / NAME).read_text(encoding="utf-8"))
    text: str = yaml.safe_dump(body | fields)
    return text


def windows(rules: QuietHours, program: str, contact: str, state: str = "") -> set[str]:
    where = whereabouts(contact, KnownPlace(state=state), "US")
    clocks = rules.clocks(program, where)
    return {f"{w.name} {w.week[0]}" for clock in clocks for w in clock.windows}


def test_the_shipped_table_is_read() -> None:
    assert SHIPPED.default.week[0] == (540, 1200)
    assert SHIPPED.default.week[6] == (720, 1200)
    assert SHIPPED.federal.week[6] == (480, 1260)
    assert 6 not in SHIPPED.countries["FR"].week
    assert SHIPPED.states["FL"].cap is not None
    assert SHIPPED.states["KY"].sureness is Sureness.UNCONFIRMED
    assert len(SHIPPED.states) == 18


@pytest.mark.parametrize(
    ("state", "held"),
    [
        ("NY", {"federal (480, 1260)", "default (540, 1200)"}),
        ("FL", {"federal (480, 1260)", "FL (480, 1200)"}),
        # A doubtful row holds beside the default: California's would open an hour more.
        (
            "CA",
            {"federal (480, 1260)", "CA (540, 1260)", "default (540, 1200)"},
        ),
    ],
)
def test_a_state_has_its_row_or_the_default(state: str, held: set[str]) -> None:
    assert windows(SHIPPED, "fernhill", NEW_YORK, state) == held


def test_a_country_has_its_row_without_the_federal_one() -> None:
    assert windows(SHIPPED, "fernhill", "+33612345678") == {"FR (480, 1200)"}
    assert windows(SHIPPED, "fernhill", "+447911123456") == {"default (540, 1200)"}


def test_a_program_may_have_rows_of_its_own() -> None:
    own = {"federal": ROW, "default": ROW, "states": {"FL": ROW}}
    rules = quiet_hours(changed(programs={"fernhill": own}))

    assert windows(rules, "fernhill", NEW_YORK) == {
        "federal (600, 1140)",
        "default (600, 1140)",
    }
    assert windows(rules, "fernhill", MIAMI) == {
        "federal (600, 1140)",
        "FL (600, 1140)",
    }
    assert windows(rules, "fernhill_visits", MIAMI) == windows(
        SHIPPED, "fernhill_visits", MIAMI
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"more": 1}, r"more: is not known here"),
        (
            {"programs": {"nobody": {}}},
            r"programs\.nobody: expected one of the programs",
        ),
        ({"programs": {"fernhill": {"state": {}}}}, r"state: is not known here"),
        ({"states": {"XX": ROW}}, r"states\.XX: expected a state"),
        ({"countries": {"US": ROW}}, r"countries\.US: expected a country like FR"),
        ({"default": ROW | {"hours": "9-5"}}, r"default\.hours: expected hours like"),
        ({"default": ROW | {"hours": "closed"}}, r"default\.hours: expected hours"),
        ({"default": ROW | {"sun": "20:00-08:00"}}, r"sun: expected opening before"),
        ({"default": ROW | {"sun": "20:00-24:30"}}, r"sun: expected opening before"),
        ({"default": ROW | {"sure": "very"}}, r"sure: expected one of primary"),
        ({"default": ROW | {"note": None}}, r"note: expected text"),
        ({"default": {"sure": "primary", "note": "x"}}, r"hours: expected hours like"),
        ({"default": ROW | {"cap": {"messages": 0, "hours": 1}}}, r"messages: expect"),
        (
            {"default": ROW | {"holidays": {"country": "XX"}}},
            r"country: expected a country and parts",
        ),
        (
            {"default": ROW | {"holidays": {"country": "FR", "subdivisions": ["ZZ"]}}},
            r"country: expected a country and parts",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(
    fields: dict[str, object], said: str
) -> None:
    with pytest.raises(RulesError, match=said) as refused:
        quiet_hours(changed(**fields))

    assert re.match(rf"{NAME}: line \d+, ", str(refused.value))


def test_norway_must_be_quoted() -> None:
    text = changed() + "\n"
    text = text.replace("countries:\n", "countries:\n  NO: {}\n")

    with pytest.raises(RulesError, match="put it in quotes"):
        quiet_hours(text)
