"""Lessons as files: labelled replies, opt-out cases, behaviour cases."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

from model.files import Row
from serving.labels.label import NONE, LeftOut, Lesson
from serving.labels.merging import Merged, merge, of_same_words
from serving.reviews.verdict import Verdict

SOURCE = "review"
UNTOLD_LANGUAGE = "und"
"""ISO 639-2 for a language that could not be told."""


@dataclass(frozen=True, slots=True)
class Export:
    """What reviews give to training.

    Attributes:
        labels: labelled replies, as in `data/replies.csv`, with more columns.
        cases: opt-out cases, as in `data/optout_cases.csv`, with more columns.
        behaviour: texts that must be decided as reviewers said, as in
            `data/behaviour.yaml`.
        merged: how many replies have the words of another one in `labels`.
        left_out: how many reviewed decisions are in none of these, and why.
    """

    labels: tuple[Row, ...]
    cases: tuple[Row, ...]
    behaviour: str
    merged: int
    left_out: Counter[LeftOut]


def export(found: Iterable[Lesson | LeftOut], *, include_right: bool) -> Export:
    """Return what goes out, in the order of the reviews.

    What was decided rightly stays out unless it is asked for, but it is heard where
    the same words were decided wrongly elsewhere: nine who said "yes" and meant it
    are not outvoted by one who did not. So it is with opt-outs, and with who should
    have got the conversation.
    """
    left_out: Counter[LeftOut] = Counter()
    lessons: list[Lesson] = []
    for each in found:
        if isinstance(each, LeftOut):
            left_out[each] += 1
        else:
            lessons.append(each)
    lessons.sort(key=lambda lesson: (lesson.reviewed_at, lesson.decision_id))
    contradicted = _contradicted(lessons)
    kept = [one for one in lessons if one.decision_id not in contradicted]
    labelled, _ = merge(kept, lambda lesson: lesson.intent)
    cases, _ = merge(kept, lambda lesson: lesson.asks)
    if not include_right:
        right = [one for one in labelled if one.lesson.right]
        left_out[LeftOut.RIGHT] = sum(one.count for one in right)
        labelled = [one for one in labelled if not one.lesson.right]
    left_out[LeftOut.CONTRADICTED] = len(contradicted)
    left_out[LeftOut.UNTOLD] = sum(
        lesson.intent is None and lesson.asks is None for lesson in kept
    )
    return Export(
        labels=tuple(_label(one) for one in labelled),
        cases=tuple(_case(one) for one in cases),
        behaviour=behaviour_of(kept),
        merged=sum(one.count - 1 for one in labelled),
        left_out=+left_out,
    )


def _contradicted(lessons: Sequence[Lesson]) -> set[str]:
    """Return the decisions of whose words others say something else."""
    _, labels = merge(lessons, lambda lesson: lesson.intent)
    _, cases = merge(lessons, lambda lesson: lesson.asks)
    mistakes = [
        lesson
        for group in of_same_words(lessons)
        for lesson in group
        if any(_denies(other, lesson) for other in group if other.right)
    ]
    return {lesson.decision_id for lesson in (*labels, *cases, *mistakes)}


def _denies(right: Lesson, mistake: Lesson) -> bool:
    """Return whether what was found right cannot be, if the other one is a mistake."""
    if mistake.finding.verdict is Verdict.MISSED_OPT_OUT:
        # Who asked to stop may rightly be asked once more, so the intent tells.
        return right.intent != mistake.intent
    expected = _expected(mistake)
    if expected is None:
        return False
    field, value = expected
    return right.confirmed.get(field, value) != value


def _label(one: Merged) -> Row:
    lesson = one.lesson
    return {
        "id": lesson.decision_id,
        "text": lesson.text,
        "intent": lesson.intent,
        # Reviewers do not judge it.
        "sentiment": "",
        **_provenance(one),
    }


def _case(one: Merged) -> Row:
    lesson = one.lesson
    return {
        "id": lesson.decision_id,
        "text": lesson.text,
        "opt_out": "yes" if lesson.asks else "no",
        "category": "reviewed_missed" if lesson.asks else "reviewed_false",
        "language": lesson.language or UNTOLD_LANGUAGE,
        "part": "train",
        **_provenance(one),
    }


def _provenance(one: Merged) -> Row:
    lesson = one.lesson
    return {
        "source": SOURCE,
        "group": lesson.group,
        "verdict": lesson.finding.verdict.value,
        "reviewer": lesson.reviewer,
        "reviewed_at": lesson.reviewed_at.isoformat(timespec="seconds"),
        "program": lesson.program,
        "replaced": lesson.replaced,
        "count": one.count,
        "probability": "" if lesson.probability is None else lesson.probability,
        "weight": "" if one.weight is None else round(one.weight, 6),
    }


def behaviour_of(lessons: Sequence[Lesson]) -> str:
    """Return the mistakes as behaviour cases (YAML), each text once in a set."""
    sets: dict[tuple[str, str], dict[str, None]] = {}
    for lesson in lessons:
        expected = _expected(lesson)
        if expected is not None:
            sets.setdefault(expected, {})[lesson.text] = None
    cases = {
        f"reviewed: {field} {value}": {"expect": {field: value}, "texts": [*texts]}
        for (field, value), texts in sorted(sets.items())
    }
    body = {"version": 1, "cases": cases}
    return yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=88)


def _expected(lesson: Lesson) -> tuple[str, str] | None:
    """Return the field of a decision that a mistake is about, and its right value."""
    match lesson.finding.verdict:
        case Verdict.WRONG_INTENT if lesson.intent:
            return "intent", lesson.intent
        case Verdict.SHOULD_ESCALATE:
            return "action", "escalate"
        case Verdict.WRONG_QUEUE if lesson.finding.queue:
            return "queue", lesson.finding.queue
        case Verdict.MISSED_OPT_OUT:
            return "consent", "opt_out"
        case Verdict.FALSE_OPT_OUT:
            return "consent", NONE
        case _:
            return None
