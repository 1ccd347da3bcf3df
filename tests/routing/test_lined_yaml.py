import pytest

from model.errors import RulesError
from serving.routing.lined_yaml import LinedYaml

NAME = "any.yaml"


def lined(text: str) -> LinedYaml:
    return LinedYaml.parse(NAME, {NAME: text.encode()})


def test_an_error_names_the_line_of_its_field() -> None:
    source = lined("a: 1\nb:\n  c: x\n  d: [1, 2]\n")

    error = source.child("b").error("d[1]", "is not right")

    assert str(error) == "any.yaml: line 4, b.d[1]: is not right"


def test_what_is_missing_is_told_where_it_should_be() -> None:
    source = lined("a: 1\nb:\n  c: x\n")

    assert str(source.child("b").error("d", "is missing")) == (
        "any.yaml: line 2, b.d: is missing"
    )
    assert str(source.error("e", "is missing")) == "any.yaml: e: is missing"


def test_a_key_said_twice_is_refused() -> None:
    with pytest.raises(
        RulesError, match=r"line 3, a\.b: is here twice, first in line 2"
    ):
        lined("a:\n  b: 1\n  b: 2\n")


def test_an_alias_inside_itself_is_not_followed() -> None:
    assert lined("a: &a {b: 1, c: *a}\n").child("a").number("b", 0, 9) == 1


def test_a_flag_must_be_told_where_it_is_required() -> None:
    assert lined("a: true\n").required_flag("a") is True
    with pytest.raises(RulesError, match="a: expected true or false, got nothing"):
        lined("b: true\n").required_flag("a")
