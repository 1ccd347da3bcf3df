"""Who may see whom: families stay together, and some rows stay unseen by an encoder."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SPARED_SHARE = 0.15
"""Share of groups that no encoder is tuned on."""


def spared(groups: Sequence[str]) -> NDArray[np.bool_]:
    """Return which replies no encoder is ever tuned on.

    An encoder tuned on a reply is surer of it than of a new one, so calibration and
    thresholds may only rest on replies that it never saw. The choice is a digest of
    the group: the same in every run, on every machine, whatever is added later.
    """
    return np.array([_share(group) < SPARED_SHARE for group in groups])


def _share(group: str) -> float:
    """Return a number from 0 to 1 that is the group's for ever."""
    told = hashlib.sha256(group.encode("utf-8", "replace")).digest()
    return int.from_bytes(told[:8]) / 2**64
