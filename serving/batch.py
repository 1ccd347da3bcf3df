"""Files in, files out: `replywise classify` and `replywise route`."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from model.files import Row, write_json_lines, written
from model.prediction import Prediction
from serving.files import read_rows, write_rows
from serving.ids import now
from serving.live import LiveBundle, load_live
from serving.record import fields_of
from serving.routing.decide import decide, needs_prediction
from serving.routing.situation import Reply, Situation

_SLICE = 512
"""Rows between two steps of the progress bar."""


def classify_file(
    source: Path, out: Path, bundle: Path, text_column: str, console: Console
) -> None:
    """Write the rows of `source` to `out` with what the classifier reads in them."""
    rows = read_rows(source, text_column)
    live = load_live(bundle, threads=os.cpu_count() or 1)
    texts = _texts(rows, text_column)
    predictions = _predict(live, texts, console)
    write_rows(
        out,
        [
            {
                **row,
                "intent": prediction.intent,
                "confidence": round(prediction.confidence, 4),
                "sentiment": prediction.sentiment,
                "sentiment_confidence": round(prediction.sentiment_confidence, 4),
            }
            for row, prediction in zip(rows, predictions, strict=True)
        ],
    )
    console.print(f"{len(rows)} rows classified in {out}", highlight=False)


def route_file(
    source: Path, out: Path, bundle: Path, text_column: str, console: Console
) -> None:
    """Write one decision for every row of `source` to `out`, as JSON lines."""
    rows = read_rows(source, text_column)
    live = load_live(bundle, threads=os.cpu_count() or 1)
    texts = _texts(rows, text_column)
    with written(out) as part, part.open("w", encoding="utf-8") as file:
        write_json_lines(file, _decisions(live, texts, rows, console))
    console.print(f"{len(rows)} decisions in {out}", highlight=False)


def _decisions(
    live: LiveBundle, texts: Sequence[str], rows: Sequence[Row], console: Console
) -> Iterator[Row]:
    asked = [needs_prediction(text, live.rules) for text in texts]
    needing = [text for text, needs in zip(texts, asked, strict=True) if needs]
    predictions = iter(_predict(live, needing, console))
    moment, situation = now(), Situation()
    for number, (text, needs) in enumerate(zip(texts, asked, strict=True)):
        prediction = next(predictions) if needs else None
        decision = decide(Reply(text, moment), situation, live.rules, prediction)
        message_id = str(rows[number].get("message_id") or number + 1)
        decision_id = hashlib.sha256(
            f"{live.bundle_id}\n{message_id}\n{text}".encode("utf-8", "surrogatepass")
        ).hexdigest()[:32]
        effects = tuple(f"{decision_id}-{n}" for n in range(len(decision.effects)))
        yield {
            "decision_id": decision_id,
            "message_id": message_id,
            "conversation_id": None,
            "bundle": live.bundle_id,
            **fields_of(decision, effects),
        }


def _predict(
    live: LiveBundle, texts: Sequence[str], console: Console
) -> list[Prediction]:
    predictions: list[Prediction] = []
    for start in track(
        range(0, len(texts), _SLICE), "Reading replies", console=console
    ):
        predictions += live.bundle.classifier.predict(texts[start : start + _SLICE])
    return predictions


def _texts(rows: Sequence[Row], column: str) -> list[str]:
    return [str(row[column] or "") for row in rows]
