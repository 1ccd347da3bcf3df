import io
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from model.errors import InputError
from training.check import RARE, Finding, check_replies
from training.check_command import run_check
from training.dataset import Columns

Row = tuple[str, str, str]
APART = (
    ("what time do you open on sunday", "hours", "a"),
    ("i want my money back for the shoes", "refund", "b"),
)


def replies(*rows: Row, file: str = "r.csv") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["text", "intent", "group"])
    return frame.assign(file=file, row=range(1, len(rows) + 1))


def findings(*rows: Row, known: tuple[str, ...] | None = None) -> list[Finding]:
    found = check_replies(replies(*rows), known, None)
    return [finding for finding in found if finding.kind != "rare label"]


def test_tidy_replies_have_no_findings() -> None:
    assert findings(*APART, known=("hours", "refund")) == []


def test_a_label_that_the_taxonomy_lacks_is_an_error() -> None:
    [finding] = findings(*APART, known=("hours",))

    problem = "the taxonomy has no label 'refund'"
    assert finding == Finding("unknown label", "r.csv:2", problem)


def test_the_same_words_twice_are_an_error() -> None:
    [finding] = findings(*APART, ("What time do you open on Sunday?", "hours", "c"))

    problem = "the same words as r.csv:1"
    assert finding == Finding("duplicate", "r.csv:3", problem)


def test_words_that_come_often_are_told_once_a_row() -> None:
    found = findings(*APART, *[("yes", "yes", f"g{n}") for n in range(30)])

    assert [finding.place for finding in found] == [f"r.csv:{n}" for n in range(4, 33)]
    assert {finding.problem for finding in found} == {"the same words as r.csv:3"}


def test_the_same_words_under_two_labels_are_an_error() -> None:
    [finding] = findings(*APART, ("What time do you open on Sunday?", "refund", "c"))

    problem = "labelled refund, r.csv:1 labels the same words hours"
    assert finding == Finding("conflicting labels", "r.csv:3", problem)


def test_nearly_the_same_words_under_two_labels_are_a_note() -> None:
    [finding] = findings(*APART, ("what time do you open on sundayy", "refund", "c"))

    assert (finding.kind, finding.place) == ("near-duplicate", "r.csv:3")
    assert finding.problem.startswith("labelled refund, nearly the words (0.9")
    assert finding.problem.endswith(") of r.csv:1, labelled hours")
    assert not finding.error


@pytest.mark.parametrize(("group", "count"), [("a", 0), ("c", 1)])
def test_nearly_the_same_words_are_a_note_across_groups(group: str, count: int) -> None:
    found = findings(*APART, ("what time do you open on sundayy", "hours", group))

    assert [f.kind for f in found] == ["near-duplicate"] * count
    assert not any(f.error for f in found)


def test_a_label_with_few_replies_is_a_note_and_one_without_any_too() -> None:
    rows = [(f"reply {n * 7919}", "many", str(n)) for n in range(RARE)]
    frame = replies(*rows, ("hello there", "few", "x"))

    found = check_replies(frame, ("many", "few", "none"), None)

    assert found == [
        Finding("rare label", "none", f"0 replies; write at least {RARE}", error=False),
        Finding("rare label", "few", f"1 replies; write at least {RARE}", error=False),
    ]


def test_a_reply_that_is_in_the_held_out_file_is_a_leak() -> None:
    apart = replies(("what time do you open on sundayy", "hours", "z"), file="t.csv")

    found = check_replies(replies(*APART), None, apart)

    leaks = [finding for finding in found if finding.kind == "leak"]
    assert [leak.place for leak in leaks] == ["r.csv:1"]
    assert leaks[0].problem.endswith("of t.csv:1")
    assert leaks[0].error


def test_doubles_inside_one_file_are_no_leak() -> None:
    doubled = replies(*APART, APART[0])
    apart = replies(*[("do you ship abroad", "shipping", "z")] * 2, file="t.csv")

    found = check_replies(doubled, None, apart)

    assert "leak" not in {finding.kind for finding in found}


def test_errors_come_first() -> None:
    found = check_replies(replies(*APART), ("hours",), None)

    assert [finding.error for finding in found] == [True, False, False]


@pytest.fixture
def tidy(tmp_path: Path) -> Path:
    path = tmp_path / "tidy.csv"
    rows = [f"{text},{intent},{group}" for text, intent, group in APART]
    path.write_text("\n".join(["text,intent,group", *rows, ""]), encoding="utf-8")
    return path


def checked(data: Path, *against: Path) -> tuple[int, str]:
    told = io.StringIO()
    console = Console(file=told, width=40)
    code = run_check([data], against, Columns(), console)
    return code, told.getvalue()


def test_notes_alone_let_the_check_pass(tidy: Path) -> None:
    code, told = checked(tidy)

    assert code == 0
    assert "note    hours: rare label: 1 replies" in told
    assert told.endswith("2 replies, 2 intents: 0 errors, 2 notes\n")


def test_one_error_makes_the_check_fail(tidy: Path) -> None:
    code, told = checked(tidy, tidy)

    assert code == 1
    assert "error   tidy.csv:1: leak: nearly the words (1.00) of tidy.csv:1" in told
    assert told.endswith("2 replies, 2 intents: 2 errors, 2 notes\n")


def test_square_brackets_in_a_label_are_printed_as_they_are(tidy: Path) -> None:
    tidy.write_text("text,intent\nhi,[bold]\nhello you,[bold]\n", encoding="utf-8")
    tidy.with_name("taxonomy.yaml").write_text("intents: {greet: {}}", encoding="utf-8")

    code, told = checked(tidy)

    assert code == 1
    assert "the taxonomy has no label '[bold]'" in told


def test_a_file_that_cannot_be_read_is_not_a_finding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: No such file"):
        checked(tmp_path / "gone.csv")
