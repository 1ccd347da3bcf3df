"""The rules that the policy stands beside do what providers' rules do."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.optout import by_rule, holds_word, is_word, last_of, opt_out_section
from training.optout_cases import OptOutCases
from training.optout_figures import Heard, OptOutReport, table_of

ROWS = [
    ("STOP", True),
    (" Quit\n", True),
    ("please stop", True),
    ("lose my number", True),
    ("stop by at 3", False),
    ("weekend", False),
    ("hello", False),
]
TEST = pd.DataFrame(ROWS, columns=["text", "opt_out"])
CASES = OptOutCases(train=TEST[:0], test=TEST)


@pytest.mark.parametrize(
    ("text", "word", "within"),
    [
        ("Stop", True, True),
        ("stop.", False, True),
        ("STOP PLEASE", False, True),
        ("the weekend", False, True),
        ("enough", False, False),
    ],
)
def test_a_rule_takes_the_whole_message_or_any_part(
    text: str,
    word: bool,  # noqa: FBT001 - a case of the table
    within: bool,  # noqa: FBT001 - a case of the table
) -> None:
    assert is_word(text) is word
    assert holds_word(text) is within


def test_the_rules_are_judged_on_the_test_part() -> None:
    exact, loose = by_rule(CASES, is_word), by_rule(CASES, holds_word)

    assert exact.recall
    assert (exact.recall.hits, exact.recall.of) == (2, 4)
    assert exact.false
    assert exact.false.hits == 0
    assert loose.recall
    assert loose.recall.hits == 3
    assert loose.false
    assert (loose.false.hits, loose.false.of) == (2, 3)


def test_the_section_has_the_policy_the_rules_and_every_kind() -> None:
    truth = TEST["opt_out"].to_numpy(dtype=bool)
    heard = Heard(truth, truth, np.zeros(len(truth), dtype=bool))
    table = table_of(heard, ["a", "b"] * 3 + ["b"], ["en"] * 6 + ["fr"])

    report = OptOutReport(test=table, train=None)
    text = opt_out_section(report, CASES, report)

    assert "4 opt-outs, 3\nothers" in text
    assert "| the same, rows written last | 1.000 (0.398 to 1.000) |" in text
    assert "| the whole policy | 1.000 (0.398 to 1.000) |" in text
    assert "| provider's words as the whole message | 0.500 (" in text
    assert "| `fr` |  |  | 1 | 0.000 (" in text


def test_without_cases_there_is_no_section() -> None:
    assert opt_out_section(None, CASES, OptOutReport(None, None)) == ""


def test_rows_written_last_are_judged_alone() -> None:
    test = TEST.assign(id=[f"oz-{n}" if n > 4 else f"oc-{n}" for n in range(len(TEST))])

    last = last_of(OptOutCases(train=TEST, test=test))

    assert last.test["text"].tolist() == ["weekend", "hello"]
    assert last.train.empty
