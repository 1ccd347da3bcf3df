"""Fine-tuning the encoder on labelled replies: `replywise train --deep`.

One pass over the body's weights per batch, for intent and sentiment at once. What
was tried, and what it gave on writers held out, is in DECISIONS.md.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from model.classifier import padded
from training.bert import Bert
from training.encoder import Encoder, make_encoder, tokenize
from training.heads import Codes

EPOCHS = 5
BATCH = 32
RATE = 2.5e-4
DECAY = 0.9
"""Each layer learns at 0.9 of the rate of the one above it."""
HEAD_RATE = 1.5e-3
SMOOTHING = 0.1
SENTIMENT_WEIGHT = 0.5
WARM_UP = 0.1
UNKNOWN = -100
"""A reply without a sentiment; cross-entropy leaves it out."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the encoder learns from.

    Attributes:
        texts: replies.
        intents: their codes.
        sentiments: their codes, `UNKNOWN` where a reply names none.
        digest: of the labelled replies, which the tuned encoder carries.
    """

    texts: Sequence[str]
    intents: Codes
    sentiments: Codes
    digest: str


def tune(
    encoder: Encoder, lesson: Lesson, *, seed: int, progress: Callable[[int], None]
) -> Encoder:
    """Return `encoder` tuned on the lesson; its embedding is the last layer's.

    Word embeddings stay as they are: they are half of the weights, hold words that
    no labelled reply has, and would double the time.
    """
    torch.manual_seed(seed)
    body = encoder.body
    last = len(body.blocks)
    body.layers = (last,)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dim = body.places.shape[1]
    heads = nn.ModuleList(
        nn.Linear(dim, int(codes.max()) + 1)
        for codes in (lesson.intents, lesson.sentiments.clip(0))
    )
    body.to(device).train()
    heads.to(device)
    optimizer = torch.optim.AdamW(_groups(body, heads), weight_decay=0.01)
    ids = tokenize(encoder.tokenizer, lesson.texts)
    steps = EPOCHS * math.ceil(len(ids) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: _rate(step / steps)
    )
    rng = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for rows in _batches(ids, rng):
            tokens, mask = map(torch.from_numpy, padded([ids[r] for r in rows]))
            batch = tokens.to(device), mask.to(device)
            loss = _loss(body, heads, lesson, rows, batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch's
            nn.utils.clip_grad_norm_(body.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            progress(len(rows))
    body.to("cpu").eval()
    return make_encoder(encoder.name, encoder.tokenizer, body, lesson.digest)


def _loss(
    body: Bert,
    heads: nn.ModuleList,
    lesson: Lesson,
    rows: Sequence[int],
    batch: tuple[Tensor, Tensor],
) -> Tensor:
    tokens, mask = batch
    with torch.autocast(tokens.device.type, dtype=torch.bfloat16):
        # The embedding has length 1; a linear head needs room to be sure.
        embedding = body(tokens, mask) * _REACH
        outputs = [head(embedding) for head in heads]
    losses = [
        functional.cross_entropy(
            output.float(),
            torch.from_numpy(codes[list(rows)]).to(tokens.device),
            label_smoothing=SMOOTHING,
            ignore_index=UNKNOWN,
        )
        for output, codes in zip(
            outputs, (lesson.intents, lesson.sentiments), strict=True
        )
    ]
    return losses[0] + SENTIMENT_WEIGHT * losses[1].nan_to_num()


def _groups(body: Bert, heads: nn.ModuleList) -> list[dict[str, object]]:
    """Return parameter groups, lower layers learning more slowly."""
    blocks = list(body.blocks)
    body.norm.requires_grad_(False)  # noqa: FBT003 - torch names it by place
    groups: list[dict[str, object]] = [
        {
            "params": list(block.parameters()),
            "lr": RATE * DECAY ** (len(blocks) - 1 - i),
        }
        for i, block in enumerate(blocks)
    ]
    return [*groups, {"params": list(heads.parameters()), "lr": HEAD_RATE}]


def _rate(done: float) -> float:
    """Return the share of the rate: linear warm-up, then linear decay."""
    return done / WARM_UP if done < WARM_UP else (1 - done) / (1 - WARM_UP)


def _batches(
    ids: Sequence[Sequence[int]], rng: np.random.Generator
) -> Iterator[list[int]]:
    """Yield shuffled batches of replies of like length."""
    order = rng.permutation(len(ids))
    pool = BATCH * 20
    batches = [
        chunk[start : start + BATCH]
        for begin in range(0, len(order), pool)
        for chunk in [sorted(order[begin : begin + pool], key=lambda i: len(ids[i]))]
        for start in range(0, len(chunk), BATCH)
    ]
    for number in rng.permutation(len(batches)):
        yield [int(row) for row in batches[number]]


_REACH = 24.0
