"""A new head for an encoder that was tuned already, in seconds.

The encoder has seen most of the replies, so they lie apart in its space and a plain
logistic regression would grow without end. Smoothed labels end the growth, and give
logits of the size that the bundle's temperatures were found for.
"""

import numpy as np
import torch
from torch.nn import functional

from model.prediction import Floats
from training.heads import Codes, LinearHead
from training.tune import REACH, SMOOTHING

_STEPS = 60


def fit_smoothed(
    embeddings: Floats, codes: Codes, start: LinearHead, *, directions: bool
) -> LinearHead:
    """Return a head fitted on fixed embeddings, as tuning would have fitted it.

    Args:
        embeddings: n x dim, rows of length 1.
        codes: n labels.
        start: where the head begins (labels x dim).
        directions: whether each label is a direction, all of one length, as intents
            are; otherwise weights are free.
    """
    rows, labels = torch.from_numpy(embeddings) * REACH, torch.from_numpy(codes)
    weight = torch.tensor(start.weight / REACH, requires_grad=True)
    bias = torch.tensor(start.bias, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe"
    )

    def shaped() -> torch.Tensor:
        return functional.normalize(weight, dim=1) if directions else weight

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = functional.linear(rows, shaped(), bias)
        told = functional.cross_entropy(logits, labels, label_smoothing=SMOOTHING)
        told.backward()  # type: ignore[no-untyped-call] # torch's
        return told

    optimizer.step(loss)  # type: ignore[no-untyped-call] # torch's
    weights = shaped().detach().numpy() * np.float32(REACH)
    return LinearHead(weights, bias.detach().numpy().copy())
