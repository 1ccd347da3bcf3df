"""Thresholds by intent that answer most while the stated limits surely hold.

Two promises are made, together with the stated assurance: of all automatic answers at
most `max_wrong_replies` are wrong, and of each intent's own at most its `max_wrong`.
Half of the doubt (1 - assurance) is for the first, the other half is shared equally
by the intents that have enough replies to be promised anything (Bonferroni).

1. Thresholds move along a path that is fixed before labels are looked at (`path.py`).
2. Each intent is tested along it, and followed as far as its own limit is proven.
   What is proven at one step counts for the stricter ones: surer is not wronger. Where
   the held-out replies deny that of an intent, it is not answered.
3. The whole is tested along it. An intent that stopped at step 2 stopped because of
   its errors, so leaving it out would flatter the rest: its right answers leave the
   count, its wrong ones stay. That errs on the strict side, as simulations show.
4. The most lenient step that is proven is taken.

Tests are exact and corrected for the choice among the steps (`binomial.py`). They hold
for replies drawn one by one like the held-out ones, of whose intents the surer are not
oftener wrong; drift, or campaigns that bring many like replies at once, are not
covered. Predictions of models that had not seen a reply
stand for those of the model that is shipped, which was fitted on a little more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isinf

import numpy as np
from scipy.special import bdtr

from serving.routing.policy import Policy
from training.binomial import Bools, Counts, fewest, proven, upper_bound
from training.held_out import HeldOut
from training.path import Tally, tally
from training.promises import Promise, Solved, Whole

NOTHING = -1
"""The step of an intent for which nothing is proven."""

WHOLE_STARTS = (0.125, 0.25, 0.5, 1.0)
INTENT_STARTS = (0.4, 0.6, 0.8)
"""Where tests begin (`proven`): early for strict limits, late for few replies.

Found on simulated label sets of 27 intents: at a limit of 0.5 % a single start left 10
to 32 % of them without any threshold, these starts about 5 %.
"""


def solve(held_out: HeldOut, policy: Policy, sentiments: Sequence[str]) -> Solved:
    """Solve the thresholds of every intent from the limits in the policy.

    Args:
        held_out: predictions of replies that the model had not seen.
        policy: limits, assurance, costs, and what is answered at all.
        sentiments: labels of the codes in `held_out.feeling`.
    """
    counts = tally(held_out, policy, sentiments)
    proofs = _prove_intents(counts, policy)
    limit = policy.max_wrong_replies
    step = _prove_whole(counts, proofs, limit, policy.assurance)

    def whole(limit: float) -> Whole:
        stated = replace(policy, max_wrong_replies=limit)
        at = _prove_whole(counts, proofs, limit, policy.assurance)
        return _whole(counts, proofs, at, stated)

    promises = (_promise(counts, proofs, step, n) for n in range(len(counts.intents)))
    return Solved(
        whole=whole(limit),
        promises=tuple(promises),
        tighter=whole(limit / 2),
        looser=whole(min(1.0, limit * 2)),
    )


@dataclass(frozen=True, slots=True)
class _Proofs:
    """How far each intent's own limit is proven.

    Attributes:
        limits: of each intent (m).
        doubt: that each promise is allowed.
        tried: which intents have replies enough to be promised anything (m).
        steps: where each intent stands at each step of the path (K x m): there, or
            at its last proven step before, or at `NOTHING`.
    """

    limits: tuple[float, ...]
    doubt: float
    tried: Bools
    steps: Counts


def _prove_intents(counts: Tally, policy: Policy) -> _Proofs:
    limits = tuple(policy.limit_of(intent) for intent in counts.intents)

    def tried(doubt: float) -> Bools:
        enough = np.array([fewest(limit, doubt) for limit in limits])
        return np.asarray(counts.automatic & (counts.answered[-1] >= enough))

    doubt = (1 - policy.assurance) / 2
    doubt /= max(int(tried(doubt).sum()), 1)
    steps = np.full(counts.answered.shape, NOTHING)
    for column in np.flatnonzero(tried(doubt)).tolist():
        kept = proven(
            counts.answered[:, column],
            counts.wrong[:, column],
            limits[column],
            doubt,
            candidates=counts.answered[:, column],
            starts=INTENT_STARTS,
        )
        if kept.any():
            steps[:, column] = _standing(counts, column, _last(kept), limits[column])
    return _Proofs(limits, doubt, tried(doubt), steps)


def _standing(counts: Tally, column: int, proven: int, limit: float) -> Counts:
    """Return where an intent stands at each step, its limit proven at one of them (K).

    At stricter steps than that, as long as no more than the limit are seen to be wrong.
    """
    steps = np.minimum(np.arange(len(counts.answered)), proven)
    denied = counts.wrong[steps, column] > limit * counts.answered[steps, column]
    steps[: _last(denied) + 1] = NOTHING
    return steps


def _prove_whole(counts: Tally, proofs: _Proofs, limit: float, assurance: float) -> int:
    """Return the most lenient step at which the limit is proven, or `NOTHING`."""
    answered = _at(counts.answered, proofs.steps).sum(1)
    kept = proven(
        answered,
        np.minimum(_counted(counts, proofs), answered),
        limit,
        (1 - assurance) / 2,
        candidates=counts.answered.sum(1),
        starts=WHOLE_STARTS,
    )
    return _last(kept)


def _counted(counts: Tally, proofs: _Proofs) -> Counts:
    """Return the wrong answers that count against the whole at each step (K)."""
    return np.asarray(counts.wrong[:, proofs.tried].sum(1))


def _last(steps: Bools) -> int:
    return int(np.flatnonzero(steps)[-1]) if steps.any() else NOTHING


def _at(table: Counts, steps: Counts) -> Counts:
    """Return the table's values at each intent's own step, 0 where it has none."""
    there = np.take_along_axis(table, np.maximum(steps, 0), axis=0)
    return np.where(steps == NOTHING, 0, there)


def _promise(counts: Tally, proofs: _Proofs, step: int, column: int) -> Promise:
    intent, limit = counts.intents[column], proofs.limits[column]
    if not counts.automatic[column]:
        # Its threshold says from where its own words and queue are used.
        told = None if step == NOTHING else float(counts.thresholds[step, column])
        return Promise(intent, None, told, 0, 0, None, 0.0, "people answer it")
    own = NOTHING if step == NOTHING else int(proofs.steps[step, column])
    if own == NOTHING:
        reason = _unproven(counts, proofs, step, column)
        return Promise(intent, limit, None, 0, 0, None, 0.0, reason)
    answered = int(counts.answered[own, column])
    wrong = int(counts.wrong[own, column])
    return Promise(
        intent=intent,
        limit=limit,
        threshold=float(counts.thresholds[own, column]),
        answered=answered,
        wrong=wrong,
        # Few answers at a strict step bound little; the limit is proven at another.
        bound=min(limit, upper_bound(wrong, answered, proofs.doubt)),
        coverage=answered / int(counts.candidates[column]),
        reason=None,
    )


def _unproven(counts: Tally, proofs: _Proofs, step: int, column: int) -> str:
    """Return why an intent that the policy would answer is left to people."""
    limit = proofs.limits[column]
    least = fewest(limit, proofs.doubt)
    there = int(counts.answered[-1, column])
    if there < least:
        return f"too few replies: {there}, and {_takes(limit, least)}"
    if step == NOTHING:
        return "the limit of the whole policy cannot be promised"
    answered, wrong = counts.answered[:, column], counts.wrong[:, column]
    if (proofs.steps[:, column] != NOTHING).any():
        # Its limit is proven later on, and denied in between.
        step += int((wrong > limit * answered)[step:].argmax())
    told = f"{wrong[step]} wrong of the surest {answered[step]}"
    return f"{told}: {limit:.1%} cannot be promised"


def _takes(limit: float, least: float) -> str:
    if isinf(least):
        return f"no number of them proves {limit:.1%}"
    return f"{limit:.1%} takes {least} without an error"


def _whole(counts: Tally, proofs: _Proofs, step: int, policy: Policy) -> Whole:
    """Tell what the whole policy does with the held-out replies at a step."""
    steps = proofs.steps if step != NOTHING else np.full_like(proofs.steps, NOTHING)
    by_intent = [
        _at(table, steps)[step]
        for table in (counts.answered, counts.wrong, counts.needed)
    ]
    answered, wrong, needed = (int(row.sum()) for row in by_intent)
    traffic, costs = counts.traffic, policy.costs
    escalated = traffic.unsettled - answered
    dearness = np.array([policy.cost_of_wrong(intent) for intent in counts.intents])
    cost = (
        float(by_intent[1] @ dearness)
        + traffic.ruled_wrong * costs.wrong_answer
        + escalated * costs.agent_minute * costs.minutes_per_reply
        + (traffic.needed - needed) * costs.needless_escalation
    )
    doubt = (1 - policy.assurance) / 2
    counted = int(_counted(counts, proofs)[step])
    return Whole(
        limit=policy.max_wrong_replies,
        assurance=policy.assurance,
        answered=answered,
        wrong=wrong,
        bound=upper_bound(counted, answered, doubt) if answered else None,
        coverage=1 - escalated / max(traffic.replies, 1),
        escalations=1000 * escalated / max(traffic.replies, 1),
        cost=1000 * cost / max(traffic.replies, 1),
        reason=None if answered else _nothing(counts, proofs, policy),
    )


def _nothing(counts: Tally, proofs: _Proofs, policy: Policy) -> str:
    """Return why no limit at all can be promised."""
    limit, there = policy.max_wrong_replies, int(counts.answered[-1].sum())
    least = fewest(limit, (1 - policy.assurance) / 2)
    if not counts.automatic.any():
        return "the policy leaves every intent to people"
    if there < least:
        return f"{there} replies could be answered, and {_takes(limit, least)}"
    if (proofs.steps == NOTHING).all():
        return "no intent's own limit can be promised"
    answered = _at(counts.answered, proofs.steps).sum(1)
    counted = np.minimum(_counted(counts, proofs), answered)
    # Where the limit is nearest to being proven.
    chance = np.where(answered > 0, bdtr(counted, answered, limit), np.inf)
    step = int(chance.argmin())
    own = int(_at(counts.wrong, proofs.steps)[step].sum())
    told = f"{own} wrong of the surest {answered[step]}"
    if counted[step] > own:
        told += f" and {counted[step] - own} of intents that are not answered"
    if counted[step] > limit * answered[step]:
        return f"{told}: {limit:.1%} cannot be promised"
    return f"too few replies: {told} do not prove {limit:.1%}"
