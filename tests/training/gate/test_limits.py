from pathlib import Path

import pytest

from model.errors import InputError, RulesError
from serving.routing.lined_yaml import LinedYaml
from serving.routing.ruleset import POLICY
from serving.routing.yaml_file import YamlFile
from tests.training.gate.small_bundles import DATA, GATE
from training.gate.cases import read_cases
from training.gate.limits import DEFAULT, FILE, Kind, parse_gate, read_gate


@pytest.mark.parametrize("name", [FILE, "behaviour.yaml"])
def test_what_ships_is_what_people_edit(name: str) -> None:
    assert DEFAULT.with_name(name).read_bytes() == (DATA / name).read_bytes()


def test_the_shipped_gate_can_be_read() -> None:
    gate = read_gate(DATA / FILE)

    assert gate.replies == (DATA / "replies_test.csv",)
    assert gate.slices == tuple(Kind)
    assert len(read_cases(gate.behaviour)) > 20


def test_the_shipped_gate_keeps_the_policys_limit() -> None:
    policy = YamlFile.parse(POLICY, {POLICY: (DATA / POLICY).read_bytes()})
    limits = policy.child("limits")

    told = read_gate(DATA / FILE).limits

    assert told.max_wrong_replies == limits.fields["max_wrong_replies"]
    assert told.assurance == limits.fields["assurance"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("slices:", "slice:", "gate.yaml: line 6, slice: is not known here"),
        ("[intent,", "[intend,", "line 6, slices[0]: expected one of intent, language"),
        ("version: 1", "version: 2", "line 2, version: expected 1"),
        ("replies: [held_out.csv]", "replies: []", "at least one file of held-out"),
        ("false_alarms: 0.05", "false_alarms: 0", "expected 0.001 to 0.5, got 0"),
        ("  assurance: 0.95\n", "", "limits.assurance: expected a number, got nothing"),
        ("assurance:", "assurence:", "line 10, limits.assurence: is not known here"),
    ],
)
def test_a_slip_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    text = GATE.replace(old, new)
    assert text != GATE

    with pytest.raises(RulesError) as caught:
        parse_gate(LinedYaml.parse(FILE, {FILE: text.encode()}), Path())

    assert told in str(caught.value)


def test_a_gate_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a gate file: No such file"):
        read_gate(tmp_path / FILE)
