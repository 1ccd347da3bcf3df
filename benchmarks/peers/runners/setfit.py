"""SetFit: contrastive tuning of the encoder, then logistic regression."""

from pathlib import Path

from benchmarks.peers.runners.common import Answer, Lesson, encoder_folder, main

PAIRS = 20
MOST_STEPS = 5_000
BATCH = 16


def train(lesson: Lesson) -> None:
    """Tune and fit; the folder keeps the model."""
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    labels = sorted(set(lesson.labels))
    model = SetFitModel.from_pretrained(str(encoder_folder()), labels=labels)
    steps = 2 * PAIRS * len(lesson.texts) // BATCH
    arguments = TrainingArguments(
        output_dir=str(lesson.folder / "checkpoints"),
        batch_size=BATCH,
        num_epochs=1,
        num_iterations=PAIRS,
        max_steps=MOST_STEPS if steps > MOST_STEPS else -1,
        save_strategy="no",
        report_to="none",
        show_progress_bar=False,
    )
    rows = Dataset.from_dict({"text": lesson.texts, "label": lesson.labels})
    Trainer(model=model, args=arguments, train_dataset=rows).train()
    model.save_pretrained(str(lesson.folder / "model"))


def load(folder: Path) -> Answer:
    """Answer with the likeliest label and its probability."""
    from setfit import SetFitModel

    model = SetFitModel.from_pretrained(str(folder / "model"))

    def answer(text: str) -> tuple[str, float]:
        told = model.predict_proba([text], as_numpy=True, show_progress_bar=False)
        best = told[0].argmax()
        return str(model.labels[best]), float(told[0][best])

    return answer


if __name__ == "__main__":
    main(train, load)
