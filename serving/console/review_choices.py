"""What a reviewer may name in place of what was decided, each with a hint."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from model.neighbours import Neighbours
from serving.console.review_words import plain
from serving.live import LiveBundle
from serving.reviews.finding import Choices
from serving.routing.policy import Answer, IntentPolicy

SHORT = 60
"""Characters that fit one line of the list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list.

    Attributes:
        name: the id of the intent or queue.
        words: the same as people read it.
        hint: what it is about.
        leads: what is done with it; empty for a queue.
    """

    name: str
    words: str
    hint: str
    leads: str = ""


def intent_choices(live: LiveBundle, choices: Choices) -> list[Choice]:
    """Return the intents, each with a labelled reply as an example."""
    examples = _examples(live.bundle.neighbours)
    return [
        Choice(
            name,
            plain(name),
            examples.get(name, ""),
            _leads(live.rules.policy.of(name)),
        )
        for name in choices.intents
    ]


def queue_choices(live: LiveBundle) -> list[Choice]:
    """Return the queues, each with what the policy says of it."""
    queues = live.rules.policy.queues
    return [Choice(name, plain(name), about) for name, about in queues.items()]


def _leads(line: IntentPolicy) -> str:
    if line.answer is Answer.ESCALATE:
        return f"to {plain(line.queue)}"
    return "answered" if line.answer is Answer.REPLY else "no answer"


@lru_cache(maxsize=2)
def _examples(known: Neighbours | None) -> dict[str, str]:
    """Return the most typical short reply of each intent that the bundle brings."""
    if known is None:
        return {}
    vectors = known.vectors / np.linalg.norm(known.vectors, axis=1, keepdims=True)
    long = np.array([len(text) > SHORT for text in known.texts])
    found = {}
    for code, intent in enumerate(known.intents):
        rows = np.flatnonzero(known.codes == code)
        if rows.size:
            alike = vectors[rows] @ vectors[rows].mean(axis=0) - long[rows]
            found[intent] = known.texts[rows[alike.argmax()]]
    return found
