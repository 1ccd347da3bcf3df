"""Reviewed mistakes: decisions that a reviewer found wrong, and must not come back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from model.errors import InputError
from model.files import read_rows
from serving.routing.decision import Action, ConsentChange, Decision
from training.dataset import Columns, read_replies

VERDICT = "verdict"


class Verdict(StrEnum):
    """What a review found, as the console names it."""

    RIGHT = "right"
    WRONG_INTENT = "wrong_intent"
    SHOULD_ESCALATE = "should_escalate"
    NEEDLESS_ESCALATION = "needless_escalation"
    WRONG_QUEUE = "wrong_queue"
    WRONG_WORDS = "wrong_words"
    MISSED_OPT_OUT = "missed_opt_out"
    FALSE_OPT_OUT = "false_opt_out"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A reply that was decided wrongly once.

    Attributes:
        text: what was said.
        intent: what it says, as labelled since.
        verdict: what was wrong.
        place: where it stands, as "reviewed.csv:12".
    """

    text: str
    intent: str
    verdict: Verdict
    place: str


def read_mistakes(paths: Sequence[Path]) -> list[Mistake]:
    """Read the mistakes among labelled replies.

    A column `verdict` says what was wrong; without one every row was read wrongly. What
    was right, and what cost nothing but a person's time, is left out.

    Raises:
        InputError: a file, row or cell is not as expected.
    """
    if not paths:
        return []
    replies = read_replies(paths, Columns(), labels=False)
    rows = [row for path in paths for row in read_rows(path, "text")]
    found = []
    for (_, reply), row in zip(replies.iterrows(), rows, strict=True):
        told = str(row.get(VERDICT) or Verdict.WRONG_INTENT).strip()
        if told not in list(Verdict):
            problem = f"expected one of {', '.join(Verdict)}, got {told!r}"
            place = int(reply["row"])
            raise InputError(reply["file"], problem, row=place, column=VERDICT)
        where = f"{Path(reply['file']).name}:{reply['row']}"
        found.append(Mistake(reply["text"], reply["intent"], Verdict(told), where))
    return [mistake for mistake in found if mistake.verdict in _AGAIN]


def made_again(mistake: Mistake, decision: Decision) -> bool:
    """Return whether `decision` repeats the mistake."""
    return _AGAIN[mistake.verdict](mistake, decision)


def _read_wrongly(mistake: Mistake, decision: Decision) -> bool:
    # Who is left to a person was told nothing wrong.
    answered = decision.action is not Action.ESCALATE
    return answered and decision.intent != mistake.intent


def _kept_from_people(_: Mistake, decision: Decision) -> bool:
    return decision.action is not Action.ESCALATE


def _not_stopped(_: Mistake, decision: Decision) -> bool:
    return decision.consent is not ConsentChange.OPT_OUT


def _stopped(_: Mistake, decision: Decision) -> bool:
    return decision.consent is ConsentChange.OPT_OUT


_AGAIN: Mapping[Verdict, Callable[[Mistake, Decision], bool]] = {
    Verdict.WRONG_INTENT: _read_wrongly,
    Verdict.SHOULD_ESCALATE: _kept_from_people,
    Verdict.MISSED_OPT_OUT: _not_stopped,
    Verdict.FALSE_OPT_OUT: _stopped,
}
"""By what is known that a mistake is made again; other verdicts are no mistake here."""
