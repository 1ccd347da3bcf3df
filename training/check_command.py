"""What `replywise check` does once its packages are there."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from training.check import Finding, check_replies
from training.dataset import Columns, known_intents, read_replies
from training.optout_cases import FILE, read_cases
from training.optout_check import check_cases


def run_check(
    data: Sequence[Path], against: Sequence[Path], columns: Columns, console: Console
) -> int:
    """Print what is to mend; return 1 where something must be."""
    files = [path for path in data if path.name != FILE]
    replies = read_replies(files, columns, labels=False) if files else None
    apart = read_replies(against, columns, labels=False) if against else None
    errors = 0
    if replies is not None:
        findings = check_replies(replies, known_intents(files[0]), apart)
        what = f"{len(replies)} replies, {replies['intent'].nunique()} intents"
        errors += _print(findings, what, console)
    for path in data:
        if path.name == FILE:
            cases = read_cases(path)
            what = (
                f"{len(cases.train)} opt-out cases to train on, "
                f"{len(cases.test)} to test on"
            )
            errors += _print(check_cases(cases, replies, apart), what, console)
    return 1 if errors else 0


def _print(findings: Sequence[Finding], what: str, console: Console) -> int:
    for finding in findings:
        mark = "error  " if finding.error else "note   "
        console.print(
            f"{mark} {finding.place}: {finding.kind}: {finding.problem}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    errors = sum(finding.error for finding in findings)
    notes = len(findings) - errors
    console.print(f"{what}: {errors} errors, {notes} notes", highlight=False)
    return errors
