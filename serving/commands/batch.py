"""Files in, files out: `replywise classify` and `replywise route`."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from model.explain import explain
from model.files import JSONL, Row, refuse_place, write_json_lines, written
from model.prediction import Prediction
from model.reading import read_all
from serving.explanation import explanation_body
from serving.files import read_rows, write_rows
from serving.ids import now
from serving.live import LiveBundle, load_live
from serving.recording.record import fields_of, to_json
from serving.routing.decide import decide, needs_prediction
from serving.routing.situation import Reply, Situation

_SLICE = 512
"""Rows between two steps of the progress bar."""


def classify_file(
    source: Path,
    out: Path,
    bundle: Path,
    text_column: str,
    console: Console,
    *,
    why: bool = False,
) -> None:
    """Write the rows of `source` to `out` with what the classifier reads in them.

    With `why`, also the explanation: an object in JSON lines, else its JSON as text.
    """
    refuse_place(out)
    rows = read_rows(source, text_column)
    live = load_live(bundle, threads=os.cpu_count() or 1)
    texts = _texts(rows, text_column)
    predictions = _sliced(live.bundle.classifier.predict, texts, console)
    whys = _explanations(live, texts, out, console) if why else [{}] * len(rows)
    write_rows(
        out,
        [
            {
                **row,
                "intent": prediction.intent,
                "confidence": round(prediction.confidence, 4),
                "sentiment": prediction.sentiment,
                "sentiment_confidence": round(prediction.sentiment_confidence, 4),
                **explanation,
            }
            for row, prediction, explanation in zip(
                rows, predictions, whys, strict=True
            )
        ],
    )
    console.print(f"{len(rows)} rows classified in {out}", highlight=False)


def _explanations(
    live: LiveBundle, texts: Sequence[str], out: Path, console: Console
) -> list[Row]:
    nested = out.suffix.lower() == JSONL
    with ThreadPoolExecutor(live.bundle.classifier.threads) as pool:
        found = pool.map(partial(explain, live.bundle), texts)
        bodies = map(
            explanation_body,
            track(found, "Explaining replies", len(texts), console=console),
        )
        return [{"explanation": body if nested else to_json(body)} for body in bodies]


def route_file(
    source: Path, out: Path, bundle: Path, text_column: str, console: Console
) -> None:
    """Write one decision for every row of `source` to `out`, as JSON lines."""
    refuse_place(out)
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
    reading = partial(read_all, live.bundle.classifier)
    predictions = iter(_sliced(reading, needing, console))
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


def _sliced(
    reading: Callable[[Sequence[str]], list[Prediction]],
    texts: Sequence[str],
    console: Console,
) -> list[Prediction]:
    predictions: list[Prediction] = []
    for start in track(
        range(0, len(texts), _SLICE), "Reading replies", console=console
    ):
        predictions += reading(texts[start : start + _SLICE])
    return predictions


def _texts(rows: Sequence[Row], column: str) -> list[str]:
    return [str(row[column] or "") for row in rows]
