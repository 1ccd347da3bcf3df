import io
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from training.check import Finding
from training.check_command import run_check
from training.dataset import Columns
from training.optout_cases import FILE, OptOutCases
from training.optout_check import check_cases

Case = tuple[str, bool]
TRAIN = (("please take me off your list", True), ("can i stop by at noon", False))
TEST = (("nothing of yours belongs on my phone", True),)


def frame(*rows: Case, file: str = FILE) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=["text", "opt_out"])
    return made.assign(file=file, row=range(1, len(rows) + 1))


def replies(*texts: str, file: str = "replies.csv") -> pd.DataFrame:
    return frame(*[(text, False) for text in texts], file=file)


def findings(
    train: tuple[Case, ...] = TRAIN,
    test: tuple[Case, ...] = TEST,
    learned: pd.DataFrame | None = None,
    apart: pd.DataFrame | None = None,
) -> list[Finding]:
    return check_cases(OptOutCases(frame(*train), frame(*test)), learned, apart)


def test_tidy_cases_have_no_findings() -> None:
    assert findings(learned=replies("where is my order")) == []


def test_a_test_case_near_a_train_case_is_a_leak() -> None:
    words = "i would like to be taken off this list before friday"

    [finding] = findings(train=((words, True),), test=((f"{words}y", True),))

    assert (finding.kind, finding.place) == ("leak", f"{FILE}:1")
    assert finding.problem.endswith(f") of {FILE}:1")
    assert finding.error


def test_a_test_case_near_a_reply_to_train_on_is_a_leak() -> None:
    [finding] = findings(learned=replies("x", "Nothing of yours belongs on my phone!"))

    assert finding.kind == "leak"
    assert finding.problem.endswith("of replies.csv:2")


def test_a_train_case_may_be_near_a_reply_to_train_on() -> None:
    assert findings(learned=replies("can i stop by at noon?")) == []


def test_a_train_case_near_a_held_out_reply_is_a_leak() -> None:
    apart = replies("can i stop by at noon?", file="held.csv")

    [finding] = findings(apart=apart)

    assert (finding.kind, finding.place) == ("leak", f"{FILE}:2")
    assert finding.problem.endswith("of held.csv:1")


def test_a_test_case_may_be_near_a_held_out_reply() -> None:
    assert findings(apart=replies("nothing of yours belongs on my phone")) == []


def test_spellings_of_one_keyword_are_no_duplicates() -> None:
    assert findings(train=(("s.t.o.p", True), ("STOP!!", True))) == []


def test_the_same_letters_twice_are_a_duplicate() -> None:
    [finding] = findings(train=(("stpo", True), ("Stpo", True)))

    assert finding == Finding("duplicate", f"{FILE}:2", f"the same words as {FILE}:1")


def test_the_same_words_under_two_labels_are_an_error() -> None:
    [finding] = findings(train=(("Stop it!", True), ("stop it", False)))

    assert finding.kind == "conflicting labels"
    assert finding.problem == f"labelled unlike the same words in {FILE}:1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / FILE
    lines = [
        f"{part}{n},{text},{'yes' if opt_out else 'no'},hard,en,{part}"
        for part, rows in (("train", TRAIN), ("test", TEST))
        for n, (text, opt_out) in enumerate(rows)
    ]
    header = "id,text,opt_out,category,language,part"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def checked(*data: Path, against: tuple[Path, ...] = ()) -> tuple[int, str]:
    told = io.StringIO()
    console = Console(file=told, width=40, soft_wrap=True)
    return run_check(data, against, Columns(), console), told.getvalue()


def test_the_command_knows_the_file_by_its_name(file: Path) -> None:
    code, told = checked(file)

    assert code == 0
    assert told == "2 opt-out cases to train on, 1 to test on: 0 errors, 0 notes\n"


def test_the_command_holds_the_test_part_against_the_replies(file: Path) -> None:
    data = file.with_name("replies.csv")
    text = f"text,intent\n{TEST[0][0]},gone\nwhere is my order,order\n"
    data.write_text(text, encoding="utf-8")

    code, told = checked(data, file)

    assert code == 1
    assert "2 replies, 2 intents: 0 errors" in told
    assert f"error   {FILE}:3: leak: nearly the words (1.00) of replies.csv:1" in told


def test_the_command_holds_the_train_part_against_what_is_held_out(file: Path) -> None:
    held = file.with_name("held.csv")
    held.write_text(f"text,intent\n{TRAIN[1][0]},visit\n", encoding="utf-8")

    code, told = checked(file, against=(held,))

    assert code == 1
    assert f"{FILE}:2: leak" in told
