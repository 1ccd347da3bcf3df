"""`replywise train` in the environment of the benchmark, `--deep` where given."""

import sys
from pathlib import Path

from benchmarks.peers.runners.common import Answer, Lesson, main


def train(lesson: Lesson) -> None:
    """Make a bundle; the working folder is fresh, so no embedding is cached."""
    from training.cli import train as command

    command(
        data=[lesson.file],
        out=lesson.folder / "bundle",
        deep="--deep" in sys.argv,
        intent_column="label",
        report=lesson.folder.parent / "report.html",
        track=False,
    )


def load(folder: Path) -> Answer:
    """Answer with the bundle's intent and confidence; no threshold is applied."""
    from model.bundle import load_bundle

    classifier = load_bundle(folder / "bundle").classifier

    def answer(text: str) -> tuple[str, float]:
        prediction = classifier.predict([text])[0]
        return prediction.intent, prediction.confidence

    return answer


if __name__ == "__main__":
    main(train, load)
