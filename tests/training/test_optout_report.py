import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from model.bundle import DEFAULT, read_manifest
from model.prediction import Prediction, Ranked
from serving.routing.ruleset import RuleSet
from training.evaluation import Evaluation, Interval, Scores, Trust
from training.optout_figures import OptOutReport, OptOutTable
from training.optout_report import judge_part, opt_out_parts, opt_out_tables
from training.report import print_report, write_html

HALF = Interval(0.5, 0.4, 0.6)


def prediction(intent: str, opt_out: float) -> Prediction:
    intents = [Ranked(intent, 0.9), Ranked("opt_out", opt_out)]
    if intent == "opt_out":
        intents = [Ranked("opt_out", opt_out)]
    return Prediction(tuple(intents), 0.9, (Ranked("neutral", 1.0),), opt_out=opt_out)


# As (text, asks for silence, what the model says); the keyword needs no model.
CASES = [
    ("STOP", True, prediction("other", 0.0)),
    ("please vanish", True, prediction("opt_out", 0.99)),
    ("hmm goodbye then", True, prediction("other", 0.0)),
    ("stop by at 3?", False, prediction("store_info", 0.0)),
]


def evaluation(report: OptOutReport) -> Evaluation:
    return Evaluation(
        replies=4,
        intent=Scores(HALF, HALF, (), ()),
        sentiment=None,
        trust=Trust(HALF, HALF, (), (1.0,), (0.5,)),
        outcome=None,
        opt_outs=report,
    )


@pytest.fixture
def table(rules: RuleSet) -> OptOutTable:
    texts, truth, predictions = zip(*CASES, strict=True)
    frame = pd.DataFrame({"text": texts, "opt_out": truth}).assign(
        category="hard", language="en"
    )
    judged = judge_part(frame, predictions, rules)
    assert judged
    return judged


def test_a_keyword_and_a_meaning_are_both_honoured(table: OptOutTable) -> None:
    recall, false = table.overall.recall, table.overall.false

    assert recall
    assert (recall.hits, recall.of) == (2, 3)
    assert false
    assert (false.hits, false.of) == (0, 1)


def test_an_unsure_opt_out_is_asked_about(rules: RuleSet) -> None:
    policy = rules.policy.opt_out
    between = (policy.ask_from + policy.suppress_from) / 2
    frame = pd.DataFrame(
        {"text": ["hmm"], "opt_out": [True], "category": "hard", "language": "en"}
    )

    table = judge_part(frame, [prediction("other", between)], rules)

    assert table
    assert table.overall.recall
    assert table.overall.recall_asking
    assert table.overall.recall.hits == 0
    assert table.overall.recall_asking.hits == 1


def test_an_empty_part_has_no_table(rules: RuleSet) -> None:
    empty = pd.DataFrame({"text": [], "opt_out": [], "category": [], "language": []})

    assert judge_part(empty, [], rules) is None


def test_the_parts_are_shown_apart(table: OptOutTable) -> None:
    report = OptOutReport(test=table, train=table)

    (test, shares), (train, _) = opt_out_parts(report)

    assert "test part" in test
    assert "train part" in train
    assert shares[0][0].startswith("recall")
    assert len(opt_out_tables(report)) == 3
    assert len(opt_out_tables(OptOutReport(test=None, train=table))) == 1


def test_the_terminal_shows_counts_and_intervals(table: OptOutTable) -> None:
    told = io.StringIO()
    report = OptOutReport(test=table, train=None)

    print_report(evaluation(report), Console(file=told, width=120))

    assert "2 of 3" in told.getvalue()
    assert "0.667 (0.094 to 0.992)" in told.getvalue()
    assert "train part" not in told.getvalue()


def test_the_page_shows_both_parts_and_every_kind_of_the_test_part(
    table: OptOutTable, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    report = OptOutReport(test=table, train=table)

    write_html(evaluation(report), "Report", read_manifest(DEFAULT), path)

    page = path.read_text(encoding="utf-8")
    assert "<h2>Hard opt-out cases, test part</h2>" in page
    assert page.count("<td>recall: opt-outs honoured at once") == 2
    assert page.count('<td class="n">2 of 3') == 4
    assert page.count("<code>hard</code>") == 1


def test_a_page_without_cases_has_no_such_section(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    without = replace(evaluation(OptOutReport(None, None)), opt_outs=None)

    write_html(without, "Report", read_manifest(DEFAULT), path)

    assert "opt-out cases" not in path.read_text(encoding="utf-8")
