import pytest

from serving.programs.program import ConsentScope, Provider, StopConfirmer
from tests.serving.programs.shipped import shipped_programs


@pytest.mark.parametrize(
    ("number", "program"),
    [
        ("+12025550142", "fernhill"),
        ("(202) 555-0142", "fernhill"),
        ("72345", "fernhill"),
        ("FERNHILL", "fernhill"),
        ("13125550187", "fernhill_visits"),
    ],
)
def test_a_number_finds_its_program_however_it_is_written(
    number: str, program: str
) -> None:
    assert shipped_programs().of_number(number).program_id == program


@pytest.mark.parametrize("number", ["+12025550199", "999", "", "\0", "🛑" * 50])
def test_a_number_that_none_names_is_of_the_default(number: str) -> None:
    programs = shipped_programs()

    assert programs.of_number(number) is programs.default


def test_programs_are_found_by_id() -> None:
    programs = shipped_programs()
    visits = programs.get("fernhill_visits")

    assert visits is not None
    assert visits.provider is Provider.TELNYX
    assert visits.scopes == {ConsentScope.TRANSACTIONAL}
    assert programs.get("nobody") is None
    assert [program.program_id for program in programs] == [
        "fernhill",
        "fernhill_visits",
    ]


def test_the_network_confirms_an_opt_out_from_a_toll_free_number() -> None:
    program = shipped_programs().default

    assert program.confirmer_of("+12025550142") is StopConfirmer.US
    assert program.confirmer_of("+18005550142") is StopConfirmer.PROVIDER
