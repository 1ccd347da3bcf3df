"""Counting in the background: a part after the other, while there is one."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

import sqlalchemy as sa

from serving.figures.containment import count_containment
from serving.figures.days import count_day
from serving.figures.hours import Write, count_hour

EVERY_SECONDS = 15.0

PATIENCE_SECONDS = 2.0
"""How long one round counts at most, and the part that is under way: after a long
downtime replies keep most of the machine, and a service that stops need not wait."""


def count_up(
    engine: sa.Engine,
    write: Write,
    now: Callable[[], datetime],
    seconds: float = PATIENCE_SECONDS,
) -> bool:
    """Count what is closed and not counted; return whether nothing is left.

    Any number of processes may do so at once. Stopped half-way, the next one goes on.

    Args:
        engine: the store, to read.
        write: runs a short transaction.
        now: the present moment.
        seconds: begin no part after so long.
    """
    until = monotonic() + seconds
    for count in (count_hour, count_day, count_containment):
        while count(engine, write, now()):
            if monotonic() > until:
                return False
    return True
