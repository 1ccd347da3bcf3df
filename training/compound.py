"""How well replies that say several things are taken apart, and single ones left whole.

`compound_cases.csv` holds replies with all that they say, the intent that should be
handled first in front; half of them say one thing and only look like more. Splitter and
gate were made on the train part; nothing is fitted or chosen on the test part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from model.classifier import Classifier
from model.errors import InputError
from model.files import read_rows
from model.reading import read_all
from serving.routing.decide import decide
from serving.routing.decision import Decision
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation

COLUMNS = ("id", "text", "intents", "part")
PARTS = ("train", "test")

_MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CompoundCase:
    """One reply; `intents` is all that it says, the first to be handled in front."""

    text: str
    intents: tuple[str, ...]
    part: str


@dataclass(frozen=True, slots=True)
class CompoundScore:
    """What became of the cases; every share is 0 to 1.

    Attributes:
        compound: replies that say several things.
        single: replies that say one.
        exact_compound: share of the compound with exactly their intents.
        exact_single: share of the single with theirs and no further one.
        first_right: share of all where the right intent decides.
        further_recall: share of the further intents that are in `also`.
        false_further: share of the single that were given a further intent.
    """

    compound: int
    single: int
    exact_compound: float
    exact_single: float
    first_right: float
    further_recall: float
    false_further: float


def read_compound_cases(path: Path, known: Sequence[str]) -> list[CompoundCase]:
    """Read the cases, whose intents must be among `known`.

    Raises:
        InputError: a column is missing, an intent unknown or named twice, or a part is
            neither train nor test.
    """
    rows = read_rows(path, "text")
    missing = [column for column in COLUMNS if column not in rows[0]]
    if missing:
        problem = f"is missing; expected {', '.join(COLUMNS)}"
        raise InputError(path, problem, column=missing[0])
    cases = []
    for number, row in enumerate(rows, start=1):
        intents = tuple(str(row["intents"]).split("|"))
        strange = [i for i in intents if i not in known or intents.count(i) > 1]
        if strange:
            problem = f"expected known intents, each once, got {strange[0]!r}"
            raise InputError(path, problem, row=number, column="intents")
        if row["part"] not in PARTS:
            problem = f"expected train or test, got {row['part']!r}"
            raise InputError(path, problem, row=number, column="part")
        cases.append(CompoundCase(str(row["text"]), intents, str(row["part"])))
    return cases


def judge_compound(
    cases: Sequence[CompoundCase], classifier: Classifier, rules: RuleSet
) -> CompoundScore:
    """Decide about every case as if a new contact had sent it, and score what came."""
    readings = read_all(classifier, [case.text for case in cases])
    decisions = [
        decide(Reply(case.text, _MONDAY_NOON), Situation(), rules, reading)
        for case, reading in zip(cases, readings, strict=True)
    ]
    return score_compound(cases, decisions)


def score_compound(
    cases: Sequence[CompoundCase], decisions: Sequence[Decision]
) -> CompoundScore:
    """Score decisions about `cases`, given in their order."""
    pairs = list(zip(cases, decisions, strict=True))
    compound = [pair for pair in pairs if len(pair[0].intents) > 1]
    single = [pair for pair in pairs if len(pair[0].intents) == 1]
    further = [
        intent in {a.intent for a in decision.also}
        for case, decision in compound
        for intent in case.intents[1:]
    ]
    return CompoundScore(
        compound=len(compound),
        single=len(single),
        exact_compound=_share([_exact(*pair) for pair in compound]),
        exact_single=_share([_exact(*pair) for pair in single]),
        first_right=_share([d.intent == case.intents[0] for case, d in pairs]),
        further_recall=_share(further),
        false_further=_share([bool(d.also) for _, d in single]),
    )


def _exact(case: CompoundCase, decision: Decision) -> bool:
    return {decision.intent, *(a.intent for a in decision.also)} == set(case.intents)


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0
