"""What there is to learn from, as arrays: replies, hard opt-out cases, outsiders."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model.text import readable
from serving.routing.policy import Policy, Role
from training.confidence import Tokens
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS
from training.heads import Codes
from training.near import families, near_duplicates
from training.tune import UNKNOWN, Lesson


@dataclass(frozen=True, slots=True)
class Material:
    """Labelled replies first, then opt-out cases; codes are `UNKNOWN` where untold.

    Attributes:
        texts: n texts.
        replies: how many of them are replies.
        intents: codes of `names`.
        sentiments: codes of `SENTIMENTS`.
        opt_outs: 1 asks for the messages to stop, 0 does not.
        family: rows of one family are never apart.
        names: the intents, in the order of the graph's columns.
        outside: the code of the intent for whatever no other intent is about.
    """

    texts: Sequence[str]
    replies: int
    intents: Codes
    sentiments: Codes
    opt_outs: Codes
    family: Codes
    names: tuple[str, ...]
    outside: int | None

    @property
    def lesson(self) -> Lesson:
        """What an encoder is tuned on."""
        return Lesson(
            self.texts, self.intents, self.sentiments, self.opt_outs, self.names
        )


def gather(
    replies: pd.DataFrame, cases: pd.DataFrame | None, policy: Policy
) -> Material:
    """Lay out checked replies, and cases with `text`, `opt_out` and `group`."""
    names = tuple(sorted(replies["intent"].unique()))
    texts, groups = replies["text"].tolist(), replies["group"].tolist()
    intents = _codes(replies["intent"], names)
    sentiments = _codes(replies["sentiment"], SENTIMENTS)
    opt_outs = np.full(len(texts), UNKNOWN, dtype=np.int64)
    asks = policy.intent_with(Role.OPT_OUT)
    if asks in names:
        opt_outs = (intents == names.index(asks)).astype(np.int64)
        # Who never agreed to be texted may have asked or not: not for us to guess.
        closing = [i for i, n in enumerate(names) if policy.of(n).closes_consent]
        opt_outs[np.isin(intents, closing)] = UNKNOWN
    if cases is not None and len(cases):
        texts += cases["text"].tolist()
        groups += [f"case {n}" for n in range(len(cases))]
        nothing = np.full(len(cases), UNKNOWN, dtype=np.int64)
        intents = np.concatenate([intents, nothing])
        sentiments = np.concatenate([sentiments, nothing])
        told = cases["opt_out"].to_numpy(dtype=np.int64)
        opt_outs = np.concatenate([opt_outs, told])
    off = policy.intent_with(Role.OUT_OF_SCOPE)
    return Material(
        texts=texts,
        replies=len(replies),
        intents=intents,
        sentiments=sentiments,
        opt_outs=opt_outs,
        family=np.array(families(groups, near_duplicates(texts))),
        names=names,
        outside=names.index(off) if off in names else None,
    )


@cache
def outliers() -> tuple[str, ...]:
    """Return texts that no business has an intent for; see `outliers.txt`."""
    path = Path(__file__).with_name("outliers.txt")
    texts = np.array(path.read_text(encoding="utf-8").splitlines(), dtype=object)
    # The file goes topic by topic.
    return tuple(np.random.default_rng(0).permutation(texts).tolist())


def tokens_of(tokenizer: bytes, texts: Sequence[str]) -> Tokens:
    """Return how long texts are, and how much of them the vocabulary lacks."""
    reader = Tokenizer.from_buffer(tokenizer)
    reader.no_padding()
    reader.enable_truncation(MAX_TOKENS)
    unknown = unknown_token(tokenizer)
    ids = [e.ids for e in reader.encode_batch_fast([readable(text) for text in texts])]
    return Tokens(
        np.array([len(row) for row in ids], dtype=np.int64),
        np.array([row.count(unknown) for row in ids], dtype=np.int64),
    )


def unknown_token(tokenizer: bytes) -> int:
    """Return the id of the token for what the vocabulary lacks; -1 where none is."""
    found = Tokenizer.from_buffer(tokenizer).token_to_id("[UNK]")
    return -1 if found is None else int(found)


def unlike(near: NDArray[np.float32], far: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which rows of `far` are no nearer to `near` than its rows rarely are.

    An outsider may be at home in somebody's label set. A text whose nearest labelled
    reply (cosine) is as near as the nearest neighbours of the labelled replies
    themselves usually are is no outsider there.
    """
    sample = near[:: max(1, len(near) // _SAMPLE)]
    own = np.sort(sample @ near.T, axis=1)[:, -2]
    return np.asarray((far @ near.T).max(1) < np.quantile(own, _USUAL))


_SAMPLE = 1000
_USUAL = 0.25


def _codes(labels: "pd.Series[str]", known: Sequence[str]) -> Codes:
    codes = np.asarray(pd.Categorical(labels, categories=list(known)).codes, np.int64)
    return np.where(codes < 0, UNKNOWN, codes)
