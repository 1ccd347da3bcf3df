from dataclasses import replace
from pathlib import Path

import pytest

from model.errors import InputError
from serving.reviews import verdict as console
from serving.routing.decision import Action, ConsentChange
from tests.training.gate.test_cases import decision
from training.gate.mistakes import Mistake, Verdict, made_again, read_mistakes

REVIEWED = """text,intent,verdict
wheres my stuff,order_status,wrong_intent
ok,confirm,right
this burned me,legal_or_safety,should_escalate
enough already,opt_out,missed_opt_out
stop by the store,store_info,false_opt_out
hm,other,needless_escalation
"""


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    path = tmp_path / "reviewed.csv"
    path.write_text(REVIEWED, encoding="utf-8")
    return path


def test_verdicts_are_those_of_the_console() -> None:
    assert [told.value for told in Verdict] == [told.value for told in console.Verdict]


def test_mistakes_are_what_must_not_come_back(reviewed: Path) -> None:
    found = read_mistakes([reviewed])

    assert [(m.place, m.verdict) for m in found] == [
        ("reviewed.csv:1", Verdict.WRONG_INTENT),
        ("reviewed.csv:3", Verdict.SHOULD_ESCALATE),
        ("reviewed.csv:4", Verdict.MISSED_OPT_OUT),
        ("reviewed.csv:5", Verdict.FALSE_OPT_OUT),
    ]


def test_without_verdicts_every_row_was_read_wrongly(tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_text("text,intent\nhi,greet\nbye,leave\n", encoding="utf-8")

    assert {m.verdict for m in read_mistakes([path])} == {Verdict.WRONG_INTENT}


def test_an_unknown_verdict_is_refused_by_row(reviewed: Path) -> None:
    text = REVIEWED.replace("missed_opt_out", "bad")
    reviewed.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=r"row 4, column 'verdict': expected one of"):
        read_mistakes([reviewed])


@pytest.mark.parametrize(
    ("verdict", "action", "intent", "consent", "again"),
    [
        (Verdict.WRONG_INTENT, Action.REPLY, "refund", None, True),
        (Verdict.WRONG_INTENT, Action.REPLY, "order_status", None, False),
        (Verdict.WRONG_INTENT, Action.ESCALATE, "refund", None, False),
        (Verdict.SHOULD_ESCALATE, Action.REPLY, "order_status", None, True),
        (Verdict.SHOULD_ESCALATE, Action.ESCALATE, "refund", None, False),
        (Verdict.MISSED_OPT_OUT, Action.ASK, "opt_out", None, True),
        (Verdict.MISSED_OPT_OUT, Action.REPLY, "x", ConsentChange.OPT_OUT, False),
        (Verdict.FALSE_OPT_OUT, Action.REPLY, "x", ConsentChange.OPT_OUT, True),
        (Verdict.FALSE_OPT_OUT, Action.REPLY, "x", None, False),
    ],
)
def test_a_mistake_is_known_again(
    verdict: Verdict,
    action: Action,
    intent: str,
    consent: ConsentChange | None,
    again: bool,  # noqa: FBT001 - a column of the table
) -> None:
    mistake = Mistake("where is it", "order_status", verdict, "reviewed.csv:1")
    told = replace(decision(consent), action=action, intent=intent)

    assert made_again(mistake, told) is again
