"""The lower layers of a tuned encoder, with heads of their own.

What an easy reply is about shows after four of six layers; such a reply need not go
through the rest. The heads are logistic regressions on the mean states of the last
layer that is kept and of the words themselves.
"""

import copy

import numpy as np

from training.bert import Bert
from training.encoder import embed_with
from training.heads import Codes, LinearHead, fit_head
from training.tune import Lesson, Tuned

KEPT = 2 / 3
"""Share of the layers that is kept. On replies that the encoder had not seen, half of
them could leave after 4 of 6 layers at the risk of the whole encoder, a third after
3, a quarter after 2."""


def lower(body: Bert) -> Bert:
    """Return the lower layers of `body`; their embedding is twice as long."""
    last = max(1, int(len(body.blocks) * KEPT))
    part = copy.deepcopy(body)
    part.blocks = part.blocks[:last]
    part.layers = (last, 0)
    return part


def fit_shallow(tuned: Tuned, tokenizer: bytes, lesson: Lesson) -> Tuned:
    """Return the lower layers of a tuned encoder with heads fitted on the lesson.

    Args:
        tuned: the whole encoder, which learned from the same lesson.
        tokenizer: its `tokenizer.json`.
        lesson: rows of no intent (`OUTSIDE`) are left out; where no row tells a
            sentiment or an opt-out, that head knows nothing and says so.
    """
    body = lower(tuned.body)
    states = embed_with(body, tokenizer, lesson.texts)

    def head(codes: Codes, like: LinearHead) -> LinearHead:
        told = codes >= 0
        labels = len(like.bias)
        if len(np.unique(codes[told])) > 1:
            return fit_head(states[told], codes[told], labels)
        return LinearHead(
            np.zeros((labels, states.shape[1]), dtype=np.float32),
            np.zeros(labels, dtype=np.float32),
        )

    return Tuned(
        body,
        head(lesson.intents, tuned.intent),
        head(lesson.sentiments, tuned.sentiment),
        head(lesson.opt_outs, tuned.opt_out),
    )
