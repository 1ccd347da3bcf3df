"""semantic-router 1.1 with a local encoder and its own calibrator."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers.runners.common import Answer, Lesson, encoder_folder, main

APART = 5
"""Every fifth text of a label is kept from the routes to fit the calibrator on."""


def train(lesson: Lesson) -> None:
    """Fit the calibrator on texts held out, then give the router all texts.

    A stored text matches itself, so fitting on one would teach the calibrator that
    real queries, which never match that well, are unsure.
    """
    from semantic_router import IndexedRouter, Route
    from semantic_router.encoders import LocalEncoder

    def routes(rows: Iterable[tuple[str, str]]) -> list[Route]:
        texts = defaultdict(list)
        for text, label in rows:
            texts[label].append(text)
        return [Route(name=name, utterances=told) for name, told in texts.items()]

    rows = list(zip(lesson.texts, lesson.labels, strict=True))
    apart = held_out(lesson.labels)
    encoder = LocalEncoder(name=str(encoder_folder()))
    kept = [row for row, out in zip(rows, apart, strict=True) if not out]
    queries = [row for row, out in zip(rows, apart, strict=True) if out]
    first = IndexedRouter(encoder=encoder, routes=routes(kept))
    first.fit([text for text, _ in queries], [label for _, label in queries])
    whole = IndexedRouter(
        encoder=encoder, routes=routes(rows), calibrator=first.calibrator
    )
    whole.to_yaml(lesson.folder / "router.yaml")


def held_out(labels: Iterable[str]) -> list[bool]:
    """Return whether each row is the fifth, tenth and so on of its label."""
    seen: dict[str, int] = defaultdict(int)
    told = []
    for label in labels:
        seen[label] += 1
        told.append(seen[label] % APART == 0)
    return told


def load(folder: Path) -> Answer:
    """Answer with the first choice and its calibrated confidence."""
    from semantic_router.config import load_router

    router = load_router(folder / "router.yaml")

    def answer(text: str) -> tuple[str, float]:
        choice = router(text)
        return choice.name or "", float(choice.confidence or 0.0)

    return answer


if __name__ == "__main__":
    main(train, load)
