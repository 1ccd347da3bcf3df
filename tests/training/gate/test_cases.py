from pathlib import Path

import pytest

from model.errors import InputError, RulesError
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    Reason,
    ReasonCode,
)
from serving.routing.lined_yaml import LinedYaml
from training.gate.cases import CaseSet, otherwise, parse_cases, read_cases

CASES = """
version: 1
cases:
  opts out:
    expect: {consent: opt_out, action: reply}
    texts: [STOP, 🛑]
  stays:
    expect: {consent: none}
    texts: [when do you open]
"""


def decision(consent: ConsentChange | None) -> Decision:
    return Decision(
        intent="opt_out",
        confidence=1.0,
        alternatives=(),
        sentiment=None,
        sentiment_confidence=None,
        language=None,
        decided_by=DecidedBy.KEYWORD,
        action=Action.REPLY,
        consent=consent,
        reply=None,
        queue=None,
        priority=None,
        effects=(),
        reasons=(Reason(ReasonCode.KEYWORD, ""),),
    )


def parsed(text: str) -> list[CaseSet]:
    return parse_cases(LinedYaml.parse("b.yaml", {"b.yaml": text.encode()}))


def test_sets_are_read_in_order() -> None:
    assert parsed(CASES) == [
        CaseSet("opts out", {"consent": "opt_out", "action": "reply"}, ("STOP", "🛑")),
        CaseSet("stays", {"consent": "none"}, ("when do you open",)),
    ]


def test_what_comes_out_otherwise_is_told_with_what_came() -> None:
    opts_out, stays = parsed(CASES)
    heard, unheard = decision(ConsentChange.OPT_OUT), decision(None)

    assert otherwise(opts_out, [heard, heard]) == ()
    assert otherwise(opts_out, [heard, unheard]) == ("'🛑' gives consent none",)
    assert otherwise(stays, [heard]) == ("'when do you open' gives consent opt_out",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("consent: opt_out", "consents: opt_out", "line 5, cases.opts out.expect.cons"),
        ("opt_out,", "out,", "expected one of opt_out, opt_in, none, got 'out'"),
        ("{consent: none}", "{}", "cases.stays.expect: expects nothing of a decision"),
        ("[when do you open]", "[]", "cases.stays.texts: expected at least one text"),
        ("[STOP, 🛑]", "[STOP, no]", "expected text, got bool False; put it in quotes"),
        ("version: 1", "version: one", "line 2, version: expected 1"),
    ],
)
def test_a_slip_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    assert old in CASES

    with pytest.raises(RulesError) as caught:
        parsed(CASES.replace(old, new))

    assert told in str(caught.value)


def test_what_people_wrote_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "reviewed.yaml"
    path.write_text(CASES, encoding="utf-8")

    opts_out, _ = read_cases([], [path])

    told = otherwise(opts_out, [decision(ConsentChange.OPT_OUT), decision(None)])
    assert told == ("text 2 gives consent none",)


def test_two_files_may_not_name_a_set_alike(tmp_path: Path) -> None:
    paths = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for path in paths:
        path.write_text(CASES, encoding="utf-8")

    with pytest.raises(RulesError, match="names a set of another file"):
        read_cases(paths)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected behaviour cases"):
        read_cases([tmp_path / "gone.yaml"])
