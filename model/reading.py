"""Reading a reply whole and, where it seems to say more than one thing, by clauses.

Serving, batch and evaluation all read through here, so that they agree.
"""

from collections.abc import Sequence
from dataclasses import replace

from model.classifier import Classifier
from model.clauses import clauses, opens_anew
from model.prediction import Prediction

UNSURE = 0.9
"""Below this confidence a second matter may be what makes the reading unsure."""


def read(classifier: Classifier, text: str) -> Prediction:
    """Return the prediction of `text`, with its clauses where they are looked into."""
    return read_all(classifier, [text])[0]


def read_all(classifier: Classifier, texts: Sequence[str]) -> list[Prediction]:
    """Return one prediction for each text, in their order, as `read` gives it.

    Each clause costs a run of the graph, so most replies are read whole only. Clauses
    are looked into where the reply splits into some, and one after the first opens
    something new (`opens_anew`) or the whole is unsure (`UNSURE`). The runner-up's
    probability is no help: a whole that drowns its second matter gives it 0.002, as
    it gives to noise.
    """
    wholes = classifier.predict(texts)
    found: dict[int, tuple[str, ...]] = {}
    for number, (text, whole) in enumerate(zip(texts, wholes, strict=True)):
        parts = clauses(text)
        anew = any(map(opens_anew, parts[1:]))
        if anew or (len(parts) > 1 and whole.confidence < UNSURE):
            found[number] = parts
    if not found:
        return wholes
    predictions = iter(
        classifier.predict([part for parts in found.values() for part in parts])
    )
    return [
        replace(whole, clauses=tuple(next(predictions) for _ in found.get(number, ())))
        for number, whole in enumerate(wholes)
    ]
