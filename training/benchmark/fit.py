"""The seam between the benchmark and training: texts and labels to a classifier.

Every set is trained by the one recipe of `replywise train`, and what is scored is
the int8 graph that it would ship.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pandas as pd

from model.bundle import DEFAULT
from model.classifier import Classifier
from model.prediction import Prediction
from model.text import readable
from serving.routing.ruleset import load_rules
from training.base_sentiment import base_sentiment
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS, load_encoder
from training.progress import Steps
from training.recipe import train
from training.sources import TorchSource
from training.writing import rules_files


class Reader(Protocol):
    """Reads texts."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction for each text, in their order."""


class Fit(Protocol):
    """Makes a reader from labelled texts."""

    def __call__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        deep: bool,
        seed: int,
        steps: Steps,
    ) -> Reader:
        """Return the reader; `deep` tunes the encoder first."""


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    deep: bool,
    seed: int,
    steps: Steps,
) -> Classifier:
    """Train on labelled texts as `replywise train` does, from the base encoder.

    Args:
        texts: the training split.
        labels: theirs.
        deep: whether the encoder is tuned first, or only heads are fitted.
        seed: of folds and tuning.
        steps: is told what happens.

    Raises:
        ParityError: the int8 graph differs too much from the float pipeline.
    """
    with steps.step("Loading the encoder"):
        encoder = load_encoder(None)
        rules = load_rules(rules_files(DEFAULT))
    with TemporaryDirectory() as folder:
        cache = Path(folder)
        plain = TorchSource(encoder, cache, base_sentiment(encoder.digest))
        trained = train(
            _replies(texts, labels, deep=deep),
            None,
            encoder if deep else plain,
            rules,
            cache,
            steps,
            seed=seed,
        )
    return Classifier(
        trained.graph,
        trained.source.tokenizer,
        intents=trained.intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
        threads=0,
    )


def _replies(
    texts: Sequence[str], labels: Sequence[str], *, deep: bool
) -> pd.DataFrame:
    """Return the split as `read_replies` gives labelled replies, each a group.

    No set names sentiments, and no sentiment head is scored. The recipe asks for some
    where an encoder is tuned: the first text of each label is called neutral.
    """
    names = [f"train-{number}" for number in range(1, len(texts) + 1)]
    later = pd.Series(labels, dtype=object).duplicated()
    sentiments = [_ANY if deep and not known else None for known in later]
    return pd.DataFrame(
        {
            "id": names,
            "text": [readable(text) for text in texts],
            "intent": labels,
            "sentiment": pd.Series(sentiments, dtype=object),
            "source": "train",
            "group": names,
            "file": "the training split",
            "row": range(1, len(texts) + 1),
        }
    )


_ANY = "neutral"
