"""`python -m benchmarks.redaction`: what redaction finds, and what it does to reading.

Cases are lines of text in which each personal detail is marked, as in "hi, it's
{name:Maria}". The rules were made with `tune.txt`; `test.txt` was written after them,
by the same author.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from model.bundle import DEFAULT, load_bundle
from model.files import read_rows
from model.reading import read_all
from serving.redaction.found import Found, Kind, settled
from serving.redaction.redact import everything, redact

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "serving" / "redaction" / "cases"
REPLIES = ROOT / "data" / "replies_test.csv"

_MARKED = re.compile(r"\{(\w+):([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Case:
    """A text in somebody's voice, and the personal details in it."""

    voice: str
    text: str
    details: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found of the details of some cases.

    Attributes:
        marked: details that there are.
        gone: of those, how many left no letter or digit behind.
        found: what was taken for a detail.
        rightly: of those, how many touch one.
    """

    marked: int
    gone: int
    found: int
    rightly: int


def main() -> None:
    """Measure and print."""
    console = Console()
    for part in ("tune", "test"):
        console.print(table_of(part, read_cases(CASES / f"{part}.txt")))
    for text in readings():
        console.print(text, highlight=False)


def read_cases(path: Path) -> list[Case]:
    """Read cases; a line after "#" names the voice of those below."""
    voice, cases = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            voice = line.removeprefix("# ")
        elif line:
            cases.append(Case(voice, *unmarked(line)))
    return cases


def unmarked(line: str) -> tuple[str, tuple[Found, ...]]:
    """Return a line without its marks, and where they stood."""
    text, details, end = "", [], 0
    for mark in _MARKED.finditer(line):
        text += line[end : mark.start()]
        details.append(Found(len(text), len(text) + len(mark[2]), Kind(mark[1])))
        text += mark[2]
        end = mark.end()
    return text + line[end:], tuple(details)


def figures(cases: Sequence[Case], kind: Kind | None = None) -> Figures:
    """Count what is found in the cases, of one kind or of all."""
    marked = gone = found = rightly = 0
    for case in cases:
        seen = settled(everything(case.text))
        details = [d for d in case.details if kind in (None, d.kind)]
        marked += len(details)
        gone += sum(_is_gone(case.text, detail, seen) for detail in details)
        taken = [f for f in seen if kind in (None, f.kind)]
        found += len(taken)
        rightly += sum(any(_touch(f, d) for d in case.details) for f in taken)
    return Figures(marked, gone, found, rightly)


def table_of(part: str, cases: Sequence[Case]) -> Table:
    """Return recall and precision of each kind and voice, with exact intervals."""
    title = f"{part}.txt: {len(cases)} texts, exact 95 % intervals (Clopper, Pearson)"
    table = Table("", "details", "recall", "found", "precision", title=title)
    lines = [("all", figures(cases))]
    lines += [(kind.value, figures(cases, kind)) for kind in Kind]
    for voice in dict.fromkeys(case.voice for case in cases):
        own = [case for case in cases if case.voice == voice]
        lines.append((f"voice: {voice}", figures(own)))
    for name, f in lines:
        shares = (_share(f.gone, f.marked), _share(f.rightly, f.found))
        table.add_row(name, str(f.marked), shares[0], str(f.found), shares[1])
    return table


def readings() -> list[str]:
    """Tell whether the default bundle reads redacted texts as it read them before."""
    classifier = load_bundle(DEFAULT, threads=0).classifier
    held_out = [str(row["text"]) for row in read_rows(REPLIES, "text")]
    cases = [case.text for case in read_cases(CASES / "test.txt")]
    lines = []
    for name, texts in (("replies_test.csv", held_out), ("test.txt", cases)):
        after = [redact(text).text for text in texts]
        changed = [n for n, text in enumerate(texts) if text != after[n]]
        before = [p.intent for p in read_all(classifier, texts)]
        now = [p.intent for p in read_all(classifier, after)]
        same = sum(a == b for a, b in zip(before, now, strict=True))
        kept = sum(before[n] == now[n] for n in changed)
        lines.append(
            f"{name}: {_share(same, len(texts))} of {len(texts)} texts read with the "
            f"same intent, {_share(kept, len(changed))} of the {len(changed)} that "
            "redaction changed"
        )
    return lines


def missed(cases: Sequence[Case]) -> Counter[str]:
    """Return what stayed of the details, for whoever works on the rules."""
    left: Counter[str] = Counter()
    for case in cases:
        seen = settled(everything(case.text))
        for detail in case.details:
            if not _is_gone(case.text, detail, seen):
                left[case.text] += 1
    return left


def _is_gone(text: str, detail: Found, seen: Sequence[Found]) -> bool:
    return not any(
        text[place].isalnum()
        for place in range(detail.start, detail.end)
        if not any(f.start <= place < f.end for f in seen)
    )


def _touch(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    low, high = binomtest(part, whole).proportion_ci(0.95, "exact")
    return f"{part / whole:.1%} ({low:.1%} to {high:.1%})"


if __name__ == "__main__":
    main()
