"""How far activations reach, and how to even them out before they become int8.

A tensor of activations gets one int8 scale, so its largest value decides how coarse
all others are. In a BERT encoder a few channels of the first token reach thirty times
the usual value. Such a channel is divided by a factor and the weights that meet it
are multiplied by the same: the product stays, the range shrinks ("SmoothQuant", Xiao
et al. 2023).
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from model.classifier import padded
from model.prediction import Floats
from training.bert import Bert, Block

Spread = Mapping[str, Floats]
"""By what the input of a product is divided, channel by channel."""

REACH = {"query": 6.0, "mixed": 6.0, "wide": 6.0, "narrow": 12.0}
"""How many times the root mean square of its tensor a channel may be, by product."""
WORTH = 2.0
"""A product is left alone where no factor is larger: the division takes time."""
SAMPLE = (
    "yes please",
    "STOP",
    "where's my order?? it was supposed to be here tuesday",
    "Can I move my appointment to next Friday at 3:30, please?",
    "no thanks, not interested",
    "the blue one arrived broken and i want my $42.50 back",
    "ok",
    "who is this",
    "Do you ship to Canada, and how long does it take? Asking for my sister in Ottawa.",
    "lol love it 😍",
    "cancel my subscription. this is the third time i have asked you people",
    "si, mañana por la mañana",
    "code 4471-B",
    "u open sun? need 2 pick up b4 noon",
    "Thanks so much!",
    "I never signed up for this and my lawyer will hear about it",
)
"""Typical replies. Channels that reach far do so whatever the words are."""


def spread_of(body: Bert, sample: Sequence[Sequence[int]]) -> Spread:
    """Return factors (one an input channel, 1 or more) of the products worth it.

    Args:
        body: the float encoder.
        sample: token ids of some typical replies; where empty, nothing is evened out.
    """
    if not sample:
        return {}
    largest: dict[str, Tensor] = {}
    squares: dict[str, list[Tensor]] = {}
    hooks = [
        linear.register_forward_pre_hook(partial(_note, name, largest, squares))
        for name, linear in _linears(body)
    ]
    body.eval()
    with torch.inference_mode():
        for ids in sample:
            body(*map(torch.from_numpy, padded([ids])))
    for hook in hooks:
        hook.remove()
    found = {}
    for name, reached in largest.items():
        usual = torch.stack(squares[name]).mean().sqrt()
        limit = REACH[name.rpartition(".")[2]] * usual
        factors = (reached / limit).clamp(min=1.0).numpy()
        if factors.max() >= WORTH:
            found[name] = factors.astype(np.float32)
    return found


def _linears(body: Bert) -> list[tuple[str, nn.Module]]:
    return [
        (f"blocks.{number}.{part}", getattr(block, part))
        for number, block in enumerate(body.blocks)
        if isinstance(block, Block)
        for part in REACH
    ]


def _note(
    name: str,
    largest: dict[str, Tensor],
    squares: dict[str, list[Tensor]],
    _: nn.Module,
    inputs: tuple[Tensor, ...],
) -> None:
    states = inputs[0]
    reached = states.abs().amax(dim=(0, 1))
    largest[name] = torch.maximum(largest.get(name, reached), reached)
    squares.setdefault(name, []).append(states.square().mean())
