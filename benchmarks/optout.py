"""`python -m benchmarks.optout`: hard opt-out cases, the policy beside plain rules."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console

from model.bundle import DEFAULT, load_bundle
from training.optout_cases import FILE, OptOutCases, read_cases
from training.optout_figures import Heard, OptOutFigures, OptOutReport, figures_of
from training.optout_report import judge_opt_outs, told

CASES = Path(__file__).parent.parent / "data" / FILE

WORDS = (
    *("stop", "stopall", "unsubscribe", "cancel"),
    *("end", "quit", "revoke", "optout"),
)
"""Twilio's default opt-out words for long codes (its help article 223134027)."""

LAST = "oz-"
"""Ids of the rows that were written last (what they had a part in: decision 42)."""


def main() -> None:
    """Judge the default bundle and print the section."""
    cases = read_cases(CASES)
    bundle = load_bundle(DEFAULT, threads=0)
    report = judge_opt_outs(cases, bundle)
    section = opt_out_section(report, cases, judge_opt_outs(last_of(cases), bundle))
    Console().print(section, markup=False, highlight=False, soft_wrap=True)


def last_of(cases: OptOutCases) -> OptOutCases:
    """Return the test rows that were written last, and no others."""
    rows = cases.test["id"].str.startswith(LAST)
    return OptOutCases(train=cases.train[:0], test=cases.test[rows])


def opt_out_section(
    report: OptOutReport | None, cases: OptOutCases, last: OptOutReport
) -> str:
    """Return the section of BENCHMARKS.md; the rules are judged here and now.

    Args:
        report: the whole policy on all cases; None makes an empty section.
        cases: for the rules.
        last: the whole policy on `last_of` them.
    """
    if report is None or report.test is None:
        return ""
    policy = report.test
    fresh = [("the same, rows written last", last.test.overall)] if last.test else []
    rows = [
        ("the whole policy", policy.overall),
        *fresh,
        ("provider's words as the whole message", by_rule(cases, is_word)),
        ("provider's words anywhere in it", by_rule(cases, holds_word)),
    ]
    measured = "\n".join(_row(name, figures) for name, figures in rows)
    kinds = "\n".join(
        f"| `{f.name}` | {f.opt_outs or ''} | {told(f.recall)} | {f.others or ''} "
        f"| {told(f.false)} |"
        for f in (*policy.categories, *policy.languages)
    )
    return f"""
## Hard opt-out cases

Test part of `data/{FILE}`: {policy.overall.opt_outs} opt-outs, {policy.overall.others}
others; nothing was fitted on it (what it had a part in: decisions 31 and
42). Exact 95 % intervals
(Clopper and Pearson).
Aim for the policy: recall 0.99, precision 0.98. The provider's words are Twilio's
default list, in any case.

| | recall | or asked | missed | precision | false | asked needlessly |
|---|---|---|---|---|---|---|
{measured}

By category and by language, the whole policy:

| | opt-outs | recall | others | false |
|---|---|---|---|---|
{kinds}
"""


def by_rule(cases: OptOutCases, rule: Callable[[str], bool]) -> OptOutFigures:
    """Judge a rule that knows nothing but the text on the test part."""
    honoured = np.array([rule(text) for text in cases.test["text"]], dtype=bool)
    truth = cases.test["opt_out"].to_numpy(dtype=bool)
    return figures_of("rule", Heard(truth, honoured, np.zeros(len(truth), dtype=bool)))


def is_word(text: str) -> bool:
    """Return whether the whole message is one of the words, in any case."""
    return text.strip().casefold() in WORDS


def holds_word(text: str) -> bool:
    """Return whether one of the words stands anywhere in the message."""
    return any(word in text.casefold() for word in WORDS)


def _row(name: str, row: OptOutFigures) -> str:
    shares = (
        *(row.recall, row.recall_asking, row.missed, row.precision, row.false),
        row.asked,
    )
    return f"| {name} | {' | '.join(map(told, shares))} |"


if __name__ == "__main__":
    main()
