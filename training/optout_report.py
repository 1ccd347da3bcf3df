"""The whole policy, judged on hard opt-out cases, and how that is shown."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rich.table import Table

from model.bundle import Bundle
from model.prediction import Prediction
from model.reading import read_all
from serving.routing.decision import Action, ConsentChange, Decision, ReasonCode
from serving.routing.ruleset import RuleSet, load_rules
from training.optout_cases import OptOutCases
from training.optout_figures import (
    Heard,
    OptOutFigures,
    OptOutReport,
    OptOutTable,
    Share,
    table_of,
)
from training.outcome import decided


def judge_opt_outs(cases: OptOutCases, bundle: Bundle) -> OptOutReport:
    """Judge a bundle's whole policy on both parts."""
    rules = load_rules(bundle.files)
    test, train = (
        judge_part(part, read_all(bundle.classifier, part["text"].tolist()), rules)
        for part in (cases.test, cases.train)
    )
    return OptOutReport(test, train)


def judge_part(
    cases: pd.DataFrame, predictions: Sequence[Prediction], rules: RuleSet
) -> OptOutTable | None:
    """Decide about each case as a new, subscribed contact's; None of no cases.

    Honoured is what suppresses the number, whoever decided it: a keyword, the words'
    meaning, or an intent whose policy closes consent.
    """
    if cases.empty:
        return None
    texts = cases["text"].tolist()
    decisions = decided(texts, predictions, rules)
    heard = Heard(
        truth=cases["opt_out"].to_numpy(dtype=bool),
        honoured=np.array([d.consent is ConsentChange.OPT_OUT for d in decisions]),
        asked=np.array([_asks(decision) for decision in decisions]),
    )
    return table_of(heard, cases["category"].tolist(), cases["language"].tolist())


def opt_out_tables(report: OptOutReport) -> list[Table]:
    """Return the terminal's tables: both parts, then the test part by kind."""
    tables = []
    for title, shares in opt_out_parts(report):
        table = Table("", "cases", "share, 95 % interval", title=title)
        for name, part in shares:
            table.add_row(name, f"{part.hits} of {part.of}", told(part))
        tables.append(table)
    if report.test:
        tables.append(_kinds(report.test))
    return tables


def opt_out_parts(report: OptOutReport) -> list[tuple[str, list[tuple[str, Share]]]]:
    """Return the figures of each part that has cases, by name."""
    parts = (
        ("Hard opt-out cases, test part", report.test),
        ("Hard opt-out cases, train part (training may learn from it)", report.train),
    )
    return [(title, measures(table.overall)) for title, table in parts if table]


def measures(row: OptOutFigures) -> list[tuple[str, Share]]:
    """Return the figures of one set that could be counted, by name."""
    named = [
        ("recall: opt-outs honoured at once", row.recall),
        ("recall, asked ones counted", row.recall_asking),
        ("missed: opt-outs not honoured at once", row.missed),
        ("precision of what was honoured", row.precision),
        ("false: others taken for opt-outs", row.false),
        ("others asked needlessly", row.asked),
    ]
    return [(name, part) for name, part in named if part]


def told(part: Share | None) -> str:
    """Return a share as people read it: "0.980 (0.929 to 0.998)"."""
    if part is None:
        return ""
    return f"{part.value:.3f} ({part.low:.3f} to {part.high:.3f})"


def _asks(decision: Decision) -> bool:
    """Return whether we ask whether to stop; whether to start is another question."""
    unsure = any(r.code is ReasonCode.OPT_OUT_UNSURE for r in decision.reasons)
    return unsure and decision.action is Action.ASK


def _kinds(figures: OptOutTable) -> Table:
    table = Table(
        *("", "opt-outs", "recall", "others", "false"),
        title="Hard opt-out cases, test part, by category and language",
    )
    for group in (figures.categories, figures.languages):
        table.add_section()
        for row in group:
            shares = told(row.recall), told(row.false)
            counts = str(row.opt_outs or ""), str(row.others or "")
            table.add_row(row.name, counts[0], shares[0], counts[1], shares[1])
    return table
