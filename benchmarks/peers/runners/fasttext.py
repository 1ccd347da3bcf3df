"""fastText: the mean of hashed word and character embeddings, and a softmax."""

import json
import re
from pathlib import Path

from benchmarks.peers.runners.common import Answer, Lesson, main


def plain(text: str) -> str:
    """Return lower case with punctuation apart, on one line, as its tutorial does."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


def train(lesson: Lesson) -> None:
    """Train on one labelled line a text."""
    import fasttext

    labels = sorted(set(lesson.labels))
    lines = [
        f"__label__{labels.index(label)} {plain(text)}\n"
        for text, label in zip(lesson.texts, lesson.labels, strict=True)
    ]
    file = lesson.folder / "train.txt"
    file.write_text("".join(lines), encoding="utf-8")
    model = fasttext.train_supervised(
        str(file),
        lr=1.0,
        epoch=100,
        wordNgrams=2,
        minn=2,
        maxn=5,
        bucket=200_000,
        thread=1,  # two threads would race, and no run would repeat another
        verbose=0,
    )
    model.save_model(str(lesson.folder / "model.bin"))
    (lesson.folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")


def load(folder: Path) -> Answer:
    """Answer with the likeliest label and its probability."""
    import fasttext

    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    model = fasttext.load_model(str(folder / "model.bin"))

    def answer(text: str) -> tuple[str, float]:
        told, probabilities = model.predict(plain(text))
        return labels[int(told[0].removeprefix("__label__"))], float(probabilities[0])

    return answer


if __name__ == "__main__":
    main(train, load)
