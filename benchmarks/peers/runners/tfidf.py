"""Words and characters counted, a linear SVM, its scores made probabilities."""

from collections import Counter
from pathlib import Path

from benchmarks.peers.runners.common import Answer, Lesson, main

FOLDS = 5


def train(lesson: Lesson) -> None:
    """Fit features, classifier and calibration; pickle them."""
    import joblib
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    rarest = min(Counter(lesson.labels).values())
    pipeline = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        CalibratedClassifierCV(
            LinearSVC(),
            method="temperature",
            cv=min(FOLDS, rarest),
            ensemble=False,
        ),
    )
    pipeline.fit(lesson.texts, lesson.labels)
    joblib.dump(pipeline, lesson.folder / "pipeline.joblib")


def load(folder: Path) -> Answer:
    """Answer with the likeliest label and its probability."""
    import joblib

    pipeline = joblib.load(folder / "pipeline.joblib")

    def answer(text: str) -> tuple[str, float]:
        probabilities = pipeline.predict_proba([text])[0]
        best = probabilities.argmax()
        return str(pipeline.classes_[best]), float(probabilities[best])

    return answer


if __name__ == "__main__":
    main(train, load)
