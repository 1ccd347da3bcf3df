"""What bundles are judged on, and what each of them made of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.parity import Parity

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the replies: "intent refund", and which they are (N)."""

    name: str
    rows: Bools


@dataclass(frozen=True, slots=True)
class Ground:
    """What both bundles are judged on, whichever of them reads it.

    Attributes:
        groups: the family of each of N held-out replies.
        felt: whether it names a sentiment (N).
        parts: the replies by intent, language and so on.
        asks: of each of M hard cases, whether it asks for the messages to stop.
        kinds: the cases by category and language.
    """

    groups: Ints
    felt: Bools
    parts: tuple[Part, ...]
    asks: Bools
    kinds: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """What one bundle's whole policy made of it.

    Attributes:
        bundle_id: its identity.
        right: whether the decision names the reply's intent (N).
        felt: whether it names its sentiment; false where the reply names none (N).
        automatic: whether no person sees the reply (N).
        confidence: the model's, that its own intent is right (N).
        read: whether that is right (N).
        honoured: whether the case suppresses the number (M).
        seen: held-out replies with the very words of one that it was trained on.
        cases: of each set of behaviour cases how many there are.
        otherwise: of each set, the texts that were decided otherwise.
        reviewed: how many reviewed mistakes there are.
        again: where those stand that were answered wrongly again.
    """

    bundle_id: str
    right: Bools
    felt: Bools
    automatic: Bools
    confidence: Doubles
    read: Bools
    honoured: Bools
    seen: int
    cases: Mapping[str, int]
    otherwise: Mapping[str, tuple[str, ...]]
    reviewed: int
    again: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GraphCheck:
    """Whether the candidate's graph is what it was trained to be.

    Attributes:
        golden: replies that gave what the manifest promises when it was loaded.
        parity: what was measured against the float pipeline when it was made; None
            where the manifest does not say.
        tried: replies that were read twice, alone and among others.
        differ: how many of those came out differently.
    """

    golden: int
    parity: Parity | None
    tried: int
    differ: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds that a reply takes, in the middle, and the middle of the ratios."""

    champion: float
    candidate: float
    ratio: float
