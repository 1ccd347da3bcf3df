"""Which design a day is drawn by: the one that was chosen, at today's costs."""

import secrets
from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from serving.routing.policy import Policy
from serving.sampling.design import DOUBLE, PER_DAY, design_for
from serving.sampling.designs import KeptDesign, design_on, keep_design

SEED_BYTES = 16


def new_seed() -> str:
    """Return a seed that nobody can guess, in hex."""
    return secrets.token_hex(SEED_BYTES)


def by_policy(
    policy: Policy, new_id: Callable[[], str], new_seed: Callable[[], str] = new_seed
) -> Callable[[sa.Connection, date], KeptDesign]:
    """Return what finds the design of a day, and records it where it is new.

    It is the chosen one, or the usual one where nobody chose; where the costs of the
    policy, or what this version makes of them, are others than then, a new one with
    the same budget and seed takes its place from that day on.
    """

    def find(connection: sa.Connection, day: date) -> KeptDesign:
        kept = design_on(connection, day)
        if kept is None:
            design = design_for(policy, new_seed(), per_day=PER_DAY, double=DOUBLE)
        else:
            old = kept.design
            design = design_for(
                policy, old.seed, per_day=old.per_day, double=old.double
            )
        if kept is not None and kept.design == design:
            return kept
        found = KeptDesign(new_id(), design, day, actor="policy")
        keep_design(connection, found)
        return found

    return find
