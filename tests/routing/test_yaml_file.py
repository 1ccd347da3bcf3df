from enum import StrEnum

import pytest

from model.errors import RulesError
from serving.routing.yaml_file import YamlFile


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


def read(text: str) -> YamlFile:
    return YamlFile.parse("rules.yaml", {"rules.yaml": text.encode()})


FULL = read("""
a:
  word: hello
  many: [one, two]
  number: 0.5
  flag: true
  size: large
""").child("a")


def test_a_field_is_read_as_what_it_is() -> None:
    assert FULL.text("word") == "hello"
    assert FULL.texts("many") == ("one", "two")
    assert FULL.number("number", 0, 1) == 0.5
    assert FULL.optional_number("number", 0, 1) == 0.5
    assert FULL.flag("flag") is True
    assert FULL.choice("size", Size) is Size.LARGE


def test_a_field_that_is_left_out_has_its_default() -> None:
    assert FULL.text("absent", "default") == "default"
    assert FULL.optional_text("absent") is None
    assert FULL.texts("absent") == ()
    assert FULL.flag("absent") is False
    assert FULL.number("absent", 0, 1, 0.7) == 0.7
    assert FULL.optional_number("absent", 0, 1) is None
    assert FULL.choice("absent", Size, Size.SMALL) is Size.SMALL


def test_children_come_with_their_keys() -> None:
    found = dict(read("b: {one: {x: '1'}, two: {x: '2'}}").child("b").children())

    assert {key: child.text("x") for key, child in found.items()} == {
        "one": "1",
        "two": "2",
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: [", r"rules\.yaml: line 1: "),
        (b"a: 1\nb: {", r"rules\.yaml: line 2: "),
        (b"\tb: 1", r"rules\.yaml: line 1: "),
        (b"a: \xe9", r"rules\.yaml: file: "),
        (b"\x00", r"rules\.yaml: file: "),
        (b"", "file: expected a mapping"),
        (b"- a", "file: expected a mapping"),
        (b"only words", "file: expected a mapping"),
        (b"day: 2026-02-30", "file: holds no such date"),
        (b"no: Norwegian", "False: expected text, got bool False; put it in quotes"),
        (b"1: one", "1: expected text, got int 1; put it in quotes"),
        (b"a: !!python/object/apply:os.getcwd []", "line 1: "),
    ],
)
def test_a_file_that_is_no_mapping_is_refused_by_name(
    data: bytes, message: str
) -> None:
    with pytest.raises(RulesError, match=message):
        YamlFile.parse("rules.yaml", {"rules.yaml": data})


def test_a_missing_file_is_named() -> None:
    with pytest.raises(RulesError, match=r"rules\.yaml: file: is missing"):
        YamlFile.parse("rules.yaml", {})


def test_a_typo_in_a_key_is_refused_with_the_keys_there_are() -> None:
    with pytest.raises(RulesError, match=r"a\.number: .*; there are word"):
        FULL.only("word", "many")


def test_a_key_that_yaml_reads_as_a_truth_value_is_refused_where_it_stands() -> None:
    with pytest.raises(RulesError, match=r"b\.False: expected text"):
        read("b: {no: hallo}").child("b")


def test_each_error_names_file_and_place() -> None:
    attempts = (
        lambda: FULL.child("word"),
        lambda: FULL.child("absent"),
        lambda: FULL.text("number"),
        lambda: FULL.text("absent"),
        lambda: FULL.optional_text("flag"),
        lambda: FULL.texts("word"),
        lambda: FULL.number("word", 0, 1),
        lambda: FULL.number("flag", 0, 1),
        lambda: FULL.number("number", 0.6, 1),
        lambda: FULL.flag("word"),
        lambda: FULL.choice("word", Size),
        lambda: FULL.choice("absent", Size),
    )

    for attempt in attempts:
        with pytest.raises(RulesError, match=r"^rules\.yaml: a\.(\w+): expected "):
            attempt()


def test_not_a_number_lies_in_no_range() -> None:
    with pytest.raises(RulesError, match="expected 0 to 1, got nan"):
        read("a: .nan").number("a", 0, 1)


def test_an_item_that_is_no_text_is_counted_and_explained() -> None:
    with pytest.raises(RulesError, match=r"a\[1\]: .*put it in quotes"):
        read("a: [yes please, no]").texts("a")

    with pytest.raises(RulesError, match=r"a\[0\]: expected text, got int 7$"):
        read("a: [7]").texts("a")


def test_blank_text_is_no_text() -> None:
    with pytest.raises(RulesError, match="a: expected text"):
        read('a: "  "').text("a")
