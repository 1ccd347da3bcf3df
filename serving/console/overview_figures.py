"""The figures of the Overview, read from the store."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.console.overview_filters import Filters
from serving.figures.buckets import percentile
from serving.figures.contained import Contained, contained
from serving.figures.kept import COUNTS, DELAYS
from serving.figures.period import Period, Reach
from serving.figures.tally import Asked, reach_of, series, totals
from serving.figures.waiting import Queue, queues
from serving.routing.decision import Action, ConsentChange
from serving.store.moments import floored
from serving.store.review_tables import handoff_events
from serving.store.tables import decisions

PERCENTILES = (0.5, 0.95, 0.99)

Delays = tuple[float | None, ...]
"""The `PERCENTILES` in milliseconds; None where no reply came."""

_ANSWERS = (Action.REPLY, Action.ASK)


@dataclass(frozen=True, slots=True)
class Summary:
    """A period in a few numbers.

    Attributes:
        replies: how many came in.
        answered: how many got automatic words.
        escalated: how many went to a person.
        opt_outs: how many opted out.
        delays: from receipt to decision.
    """

    replies: int
    answered: int
    escalated: int
    opt_outs: int
    delays: Delays = (None,) * len(PERCENTILES)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page shows; steps are those of `Filters`, by their beginning.

    Attributes:
        reach: how far counting has come.
        present: the period.
        whole: its hours that are over.
        before: as many hours of the period before.
        actions: replies by step and action.
        replies: by rate step.
        sentiments: replies by rate step and sentiment, "" where none was read.
        opt_outs: by rate step.
        delays: by rate step.
        intents: replies by intent and action.
        programs: each in a few numbers, without delays.
        languages: replies by language, "" where it could not be told.
        deciders: replies by what decided them.
        queues: who waits for a person now, whatever the period.
        contained: what became of the answers.
        told: whether anybody ever told who took a conversation.
        anything: whether the store holds any decision at all.
    """

    reach: Reach
    present: Summary
    whole: Summary
    before: Summary
    actions: Counter[tuple[datetime, str]]
    replies: Counter[datetime]
    sentiments: Counter[tuple[datetime, str]]
    opt_outs: Counter[datetime]
    delays: Mapping[datetime, Delays]
    intents: Counter[tuple[str, str]]
    programs: Mapping[str, Summary]
    languages: Counter[str]
    deciders: Counter[str]
    queues: list[Queue]
    contained: Contained
    told: bool
    anything: bool


def read_figures(connection: sa.Connection, filters: Filters, now: datetime) -> Figures:
    """Read everything that the page shows, as of one moment."""
    reach = reach_of(connection, now)

    def asked(period: Period) -> Asked:
        return Asked(period, reach, filters.program)

    present, whole = asked(filters.period), asked(filters.period.whole_hours())
    by_step = series(
        connection, COUNTS, present, "action", "sentiment", "consent", step=filters.step
    )
    by_program = totals(connection, COUNTS, present, "program", "action", "consent")
    spread = totals(connection, COUNTS, present, "language", "decided_by")
    waits = series(connection, DELAYS, present, "up_to_ms", step=filters.rate_step)
    rates: Counter[tuple[Any, ...]] = Counter()
    for (step, *key), n in by_step.items():
        rates[floored(step, filters.rate_step), *key] += n
    opted_out = {key: n for key, n in rates.items() if key[-1] == ConsentChange.OPT_OUT}
    return Figures(
        reach=reach,
        present=_summary(_marginal(by_program, 1, 2), _buckets(waits)),
        whole=_summary_of(connection, whole),
        before=_summary_of(connection, asked(filters.before)),
        actions=_marginal(by_step, 0, 1),
        replies=_single(rates, 0),
        sentiments=_marginal(rates, 0, 2),
        opt_outs=_single(opted_out, 0),
        delays={
            step: _delays({edge: n for (at, edge), n in waits.items() if at == step})
            for step in {at for at, _ in waits}
        },
        intents=totals(connection, COUNTS, present, "intent", "action"),
        programs={
            program: _summary(
                {key[1:]: n for key, n in by_program.items() if key[0] == program}
            )
            for program in sorted({key[0] for key in by_program})
        },
        languages=_single(spread, 0),
        deciders=_single(spread, 1),
        queues=queues(connection, now, filters.program),
        contained=contained(connection, filters.period, filters.program),
        told=_holds(connection, handoff_events.c.event_id),
        anything=_holds(connection, decisions.c.message_id),
    )


def _holds(connection: sa.Connection, column: sa.Column[str]) -> bool:
    """Return whether the table of `column` holds anything."""
    return connection.scalar(sa.select(column).limit(1)) is not None


def _summary_of(connection: sa.Connection, asked: Asked) -> Summary:
    return _summary(
        totals(connection, COUNTS, asked, "action", "consent"),
        _buckets(totals(connection, DELAYS, asked, "up_to_ms")),
    )


def _summary(
    replies: Mapping[tuple[Any, ...], int], buckets: Mapping[int, int] | None = None
) -> Summary:
    """Return the summary of `replies` by action and consent."""
    actions = _single(replies, 0)
    return Summary(
        replies=actions.total(),
        answered=sum(actions[action] for action in _ANSWERS),
        escalated=actions[Action.ESCALATE],
        opt_outs=_single(replies, 1)[ConsentChange.OPT_OUT],
        delays=_delays(buckets or {}),
    )


def _delays(buckets: Mapping[int, int]) -> Delays:
    return tuple(percentile(buckets, share) for share in PERCENTILES)


def _buckets(delays: Mapping[tuple[Any, ...], int]) -> Counter[int]:
    """Return delays by bucket, which is the last of their keys."""
    return _single(delays, -1)


def _single(counts: Mapping[tuple[Any, ...], int], place: int) -> Counter[Any]:
    """Return counts by one part of their keys."""
    found: Counter[Any] = Counter()
    for key, number in counts.items():
        found[key[place]] += number
    return found


def _marginal(counts: Mapping[tuple[Any, ...], int], *places: int) -> Counter[Any]:
    """Return counts by some parts of their keys."""
    found: Counter[Any] = Counter()
    for key, number in counts.items():
        found[tuple(key[place] for place in places)] += number
    return found
