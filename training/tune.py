"""Fine-tuning the encoder on labelled replies: `replywise train --deep`.

One pass over the body's weights per batch, for intent, sentiment and opt-out at once.
What was tried, and what it gave, is in DECISIONS.md.
"""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from model.classifier import padded
from model.prediction import Floats
from training.bert import Bert
from training.encoder import Encoder, embed_with, tokenize
from training.heads import Codes, LinearHead

BATCH = 32
RATE = 2e-4
DECAY = 0.9
"""Each layer learns at 0.9 of the rate of the one above it."""
HEAD_RATE = 1.5e-3
WORD_RATE = 5e-4
"""A word learns only when it is met, which for most is rarely."""
SMOOTHING = 0.1
REACH = 12.0
"""An embedding has length 1; logits need this much room to be sure."""
NAME_SHARE = 0.3
"""What a label's own name weighs beside the mean of its replies, to begin with."""
SENTIMENT_WEIGHT = 0.5
"""What a sentiment weighs beside the intent; an opt-out weighs as the intent does."""
WARM_UP = 0.1
FEW = 3000
"""Replies; below it a set counts as small."""
MANY = 15_000
"""Replies; from here each has so many like it that three times are enough."""
UNKNOWN = -100
"""A reply without that label; cross-entropy leaves it out."""
OUTSIDE = -1
"""A text of none of the intents: it should look like each of them equally little."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the encoder learns from, row by row.

    Attributes:
        texts: replies.
        intents: their codes; `OUTSIDE` for a text of none, `UNKNOWN` where untold.
        sentiments: their codes, `UNKNOWN` where a reply names none.
        opt_outs: 1 where the person asks for the messages to stop, else 0; `UNKNOWN`
            in every row where the labels have no opt-out.
        names: the intents' labels, by code.
    """

    texts: Sequence[str]
    intents: Codes
    sentiments: Codes
    opt_outs: Codes
    names: Sequence[str]

    def joined(self, texts: Sequence[str], intent: int) -> "Lesson":
        """Return the lesson with texts of one intent that do not ask to stop."""
        asks = 0 if (self.opt_outs != UNKNOWN).any() else UNKNOWN
        untold = np.full(len(texts), UNKNOWN, dtype=np.int64)
        return Lesson(
            [*self.texts, *texts],
            np.concatenate([self.intents, np.full(len(texts), intent)]),
            np.concatenate([self.sentiments, untold]),
            np.concatenate([self.opt_outs, np.full(len(texts), asks)]),
            self.names,
        )

    def part(self, rows: Codes) -> "Lesson":
        """Return the lesson of some rows."""
        texts = [self.texts[row] for row in rows]
        codes = (self.intents[rows], self.sentiments[rows], self.opt_outs[rows])
        return Lesson(texts, *codes, self.names)


@dataclass(frozen=True, slots=True)
class Tuned:
    """An encoder's body with the heads that it was tuned with."""

    body: Bert
    intent: LinearHead
    sentiment: LinearHead
    opt_out: LinearHead


def epochs_for(replies: int) -> int:
    """Return how often the replies are gone through: fewer need it oftener."""
    if replies < FEW:
        return 8
    return 5 if replies < MANY else 3


def tune(
    encoder: Encoder, lesson: Lesson, *, seed: int, progress: Callable[[int], None]
) -> Tuned:
    """Return `encoder`'s body tuned on the lesson; its embedding is the last layer's.

    Word embeddings are half of the weights, and a batch holds few of the words: only
    those are learned from it (`torch.optim.SparseAdam`), and the time stays as it is.
    """
    torch.manual_seed(seed)
    body = copy.deepcopy(encoder.body)
    body.layers = (len(body.blocks),)
    body.norm.requires_grad_(False)  # noqa: FBT003 - torch names it by place
    body.words = _learning(body.words.get_parameter("weight").detach())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    heads = _Heads(_prototypes(encoder, body, lesson)).to(device)
    body.to(device).train()
    ids = tokenize(encoder.tokenizer, lesson.texts)
    epochs = epochs_for(len(ids))
    steps = epochs * math.ceil(len(ids) / BATCH)
    optimizers = _optimizers(body, heads)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / steps))
        for optimizer in optimizers
    ]
    layers = list(body.blocks.parameters())
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        for rows in _batches(ids, rng):
            tokens, mask = map(torch.from_numpy, padded([ids[r] for r in rows]))
            loss = _loss(body, heads, lesson, rows, tokens.to(device), mask.to(device))
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch's
            nn.utils.clip_grad_norm_(layers, 1.0)
            for optimizer, schedule in zip(optimizers, schedules, strict=True):
                optimizer.step()
                schedule.step()
            progress(len(rows))
    return Tuned(body.to("cpu").eval(), *heads.to("cpu").fitted())


def _learning(table: Tensor) -> nn.Embedding:
    """Return word embeddings whose gradient holds the words of the batch alone."""
    count, width = table.shape
    words = nn.Embedding(count, width, sparse=True)
    words.load_state_dict({"weight": table})
    return words


class _Heads(nn.Module):
    """An intent is the direction of its replies; the others are plain linear heads.

    All begin alike whatever the seed: models are averaged, and the mean of heads that
    began apart is less sure than each of them.
    """

    def __init__(self, prototypes: Tensor) -> None:
        super().__init__()
        self.prototypes = nn.Parameter(prototypes)
        self.bias = nn.Parameter(torch.zeros(len(prototypes)))
        self.sentiment = nn.Linear(prototypes.shape[1], 3)
        self.opt_out = nn.Linear(prototypes.shape[1], 2)
        for head in (self.sentiment, self.opt_out):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, embedding: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of intent, sentiment and opt-out."""
        far = embedding * REACH
        directions = functional.normalize(self.prototypes, dim=1)
        intent = functional.linear(far, directions, self.bias)
        return intent, self.sentiment(far), self.opt_out(far)

    def fitted(self) -> tuple[LinearHead, LinearHead, LinearHead]:
        """Return the heads as they apply to embeddings of length 1."""
        directions = functional.normalize(self.prototypes, dim=1)
        return (
            _linear_head(directions, self.bias),
            _linear_head(self.sentiment.weight, self.sentiment.bias),
            _linear_head(self.opt_out.weight, self.opt_out.bias),
        )


def _linear_head(weight: Tensor, bias: Tensor) -> LinearHead:
    told = weight.detach().numpy() * np.float32(REACH)
    return LinearHead(told, bias.detach().numpy().copy())


def _prototypes(encoder: Encoder, body: Bert, lesson: Lesson) -> Tensor:
    """Return where each intent begins: the mean of its replies, drawn to its name."""
    known = lesson.intents >= 0
    texts = [text for text, k in zip(lesson.texts, known, strict=True) if k]
    replies = embed_with(body, encoder.tokenizer, texts)
    sums = np.zeros((len(lesson.names), replies.shape[1]), dtype=np.float32)
    np.add.at(sums, lesson.intents[known], replies)
    names = [name.replace("_", " ") for name in lesson.names]
    named = embed_with(body, encoder.tokenizer, names)
    mixed = (1 - NAME_SHARE) * _unit(sums) + NAME_SHARE * named
    return torch.from_numpy(_unit(mixed))


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


def _loss(
    body: Bert,
    heads: _Heads,
    lesson: Lesson,
    rows: Sequence[int],
    tokens: Tensor,
    mask: Tensor,
) -> Tensor:
    kind = tokens.device.type
    with torch.autocast(kind, dtype=torch.bfloat16, enabled=_halves(kind)):
        embedding = body(tokens, mask)
    outputs = heads(embedding.float())
    intent, sentiment, opt_out = (
        _cross_entropy(output, torch.from_numpy(codes[list(rows)]).to(tokens.device))
        for output, codes in zip(
            outputs, (lesson.intents, lesson.sentiments, lesson.opt_outs), strict=True
        )
    )
    return intent + SENTIMENT_WEIGHT * sentiment + opt_out


def _halves(device: str) -> bool:
    """Return whether bfloat16 is faster there than float32.

    A processor without instructions for such numbers works them out one by one: 3 to
    60 times slower.
    """
    return device == "cuda" or torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001 - torch has no other name for it


def _cross_entropy(logits: Tensor, codes: Tensor) -> Tensor:
    """Return the mean loss of rows that tell: smoothed, or even over all labels."""
    told = codes != UNKNOWN
    if not told.any():
        return logits.sum() * 0
    logits, codes = logits[told], codes[told]
    even = functional.cross_entropy(
        logits, torch.full_like(logits, 1 / logits.shape[1]), reduction="none"
    )
    own = functional.cross_entropy(
        logits, codes.clip(min=0), label_smoothing=SMOOTHING, reduction="none"
    )
    return torch.where(codes == OUTSIDE, even, own).mean()


def _optimizers(body: Bert, heads: nn.Module) -> tuple[torch.optim.Optimizer, ...]:
    return (
        torch.optim.AdamW(_groups(body, heads), weight_decay=0.01, fused=True),
        torch.optim.SparseAdam(list(body.words.parameters()), lr=WORD_RATE),
    )


def _groups(body: Bert, heads: nn.Module) -> list[dict[str, object]]:
    """Return parameter groups, lower layers learning more slowly."""
    blocks = list(body.blocks)
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
