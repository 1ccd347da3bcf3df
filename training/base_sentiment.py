"""The default sentiment head for the base encoder.

A team whose replies name no sentiment keeps the default one. The default bundle's
head reads its own tuned embeddings; this one reads the base encoder's, and ships
beside the code. `python -m training.base_sentiment DATA` makes it again.
"""

import sys
from pathlib import Path

import numpy as np
from rich.console import Console

from training.dataset import SENTIMENTS, read_replies
from training.encoder import load_encoder
from training.heads import (
    LinearHead,
    fit_head,
    hold_out,
    out_of_fold_logits,
    temperature_of,
)
from training.progress import Steps

FILE = Path(__file__).with_name("base_sentiment.npz")
_FOLD_SEED = 7


def base_sentiment(encoder_digest: str) -> LinearHead | None:
    """Return the head for the encoder with this digest; None for any other."""
    with np.load(FILE, allow_pickle=False) as stored:
        if str(stored["encoder"]) != encoder_digest:
            return None
        return LinearHead(stored["weight"], stored["bias"])


def main(data: Path) -> None:
    """Fit the head on labelled replies, calibrate it, and write it."""
    steps = Steps(Console())
    replies = read_replies([data])
    encoder = load_encoder(None)
    with steps.step("Embedding replies", len(replies)) as progress:
        embeddings = encoder.embed(replies["text"].tolist(), progress)
    codes = np.array([SENTIMENTS.index(s) for s in replies["sentiment"]])
    families = np.asarray(replies.groupby("group").ngroup(), dtype=np.int64)
    everything = np.ones(len(codes), dtype=bool)
    with steps.step("Fitting and calibrating"):
        folds = hold_out(
            embeddings,
            codes,
            families,
            len(SENTIMENTS),
            scored=everything,
            seed=_FOLD_SEED,
        )
        logits = out_of_fold_logits(embeddings, folds)
        head = fit_head(embeddings, codes, len(SENTIMENTS))
        head = head.cooled(temperature_of(logits, codes))
    right = float((logits.argmax(1) == codes).mean())
    np.savez(FILE, encoder=encoder.digest, weight=head.weight, bias=head.bias)
    print(f"{FILE.name}: {right:.1%} of {len(codes)} held-out replies right")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
