"""The same words said by several: one lesson, or none where they contradict."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from model.text import folded
from serving.labels.label import Lesson


@dataclass(frozen=True, slots=True)
class Merged:
    """Lessons of the same words.

    Attributes:
        lesson: the first mistake among them, else the first of all.
        count: how many there were.
        weight: for how many replies those that were drawn stand: the sum of one over
            their probabilities (Horvitz and Thompson 1952); None where all were picked.
    """

    lesson: Lesson
    count: int
    weight: float | None


def merge(
    lessons: Iterable[Lesson], told: Callable[[Lesson], Hashable]
) -> tuple[list[Merged], list[Lesson]]:
    """Return lessons of the same words as one, and those that contradict each other.

    Args:
        lessons: in any order; what comes back keeps the order of the first ones.
        told: what a lesson says of its words; lessons that say None are left out.
    """
    merged, contradicted = [], []
    for group in of_same_words(one for one in lessons if told(one) is not None):
        if len({told(lesson) for lesson in group}) > 1:
            contradicted += group
        else:
            merged.append(_one(group))
    return merged, contradicted


def of_same_words(lessons: Iterable[Lesson]) -> list[list[Lesson]]:
    """Return lessons by their words, in the order of the first ones."""
    same: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        same.setdefault(folded(lesson.text) or lesson.text, []).append(lesson)
    return list(same.values())


def _one(group: Sequence[Lesson]) -> Merged:
    wrong = (lesson for lesson in group if not lesson.right)
    drawn = [lesson.probability for lesson in group if lesson.probability is not None]
    return Merged(
        lesson=next(wrong, group[0]),
        count=len(group),
        weight=sum(1 / probability for probability in drawn) if drawn else None,
    )
