"""The bundle as MLflow loads it: texts in a table go in, decisions come out.

MLflow calls `_load_pyfunc` by its name, in whatever process wants the bundle, with the
code that was registered beside it. So nothing is imported here but what serving needs
and pandas, which MLflow brings.
"""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from model.bundle import load_bundle
from model.prediction import Prediction
from model.reading import read_all
from serving.routing.decide import decide
from serving.routing.decision import Decision
from serving.routing.ruleset import load_rules
from serving.routing.situation import Reply, Situation

TEXT = "text"

STRING, DOUBLE = "string", "double"
COLUMNS = {
    "intent": STRING,
    "confidence": DOUBLE,
    "sentiment": STRING,
    "sentiment_confidence": DOUBLE,
    "language": STRING,
    "action": STRING,
    "decided_by": STRING,
    "consent": STRING,
    "queue": STRING,
    "template": STRING,
    "reasons": STRING,
}
"""What comes out, in order, with MLflow's names of the types."""

OPTIONAL = frozenset({"intent", "language", "consent", "queue", "template"})
"""Columns that may hold None."""

_MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


class RegisteredBundle:
    """A bundle that decides about tables."""

    def __init__(self, folder: Path) -> None:
        bundle = load_bundle(folder, threads=0)
        self._classifier = bundle.classifier
        self._rules = load_rules(bundle.files)

    def predict(self, table: pd.DataFrame) -> pd.DataFrame:
        """Decide about each row's `text`, as a new contact's on a Monday at noon.

        Returns:
            `COLUMNS`, a row for each of the table, with its index. `reasons` are codes
            with commas between.
        """
        texts = ["" if text is None else str(text) for text in table[TEXT]]
        predictions = read_all(self._classifier, texts) if texts else []
        rows = [
            _row(
                decide(Reply(text, _MONDAY_NOON), Situation(), self._rules, prediction),
                prediction,
            )
            for text, prediction in zip(texts, predictions, strict=True)
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS), index=table.index)


def _load_pyfunc(folder: str) -> RegisteredBundle:
    return RegisteredBundle(Path(folder))


def _row(decision: Decision, prediction: Prediction) -> tuple[object, ...]:
    return (
        decision.intent,
        decision.confidence,
        prediction.sentiment,
        prediction.sentiment_confidence,
        decision.language,
        decision.action.value,
        decision.decided_by.value,
        decision.consent.value if decision.consent else None,
        decision.queue,
        decision.reply.template if decision.reply else None,
        ",".join(reason.code.value for reason in decision.reasons),
    )
