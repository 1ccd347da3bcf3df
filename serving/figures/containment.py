"""Containment: whether an automatic answer was the end of the matter.

An answer is a decision to reply or to ask whose reply did not itself change consent:
the confirmation of a STOP answers no question. Within `WINDOW` after it, in the same
conversation,

- it was handed over where a decision escalated, a person owned the conversation, or
  the team said that somebody took it, whatever it was about;
- the person came back where they wrote again with the same intent. The first such
  reply after a question is its answer, and does not count;
- the person opted out where a decision says so, whoever it was that asked for it.

One answer may count under several of these. It was contained where none happened.
Silence counts as contained: nobody can tell a satisfied person from one who gave up,
so containment is an upper bound, and Quality's reviewed sample says how good the
answers were.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from serving.figures.hours import SLACK, Write
from serving.figures.marks import Mark, marked, move
from serving.figures.period import Period
from serving.routing.decision import Action, ConsentChange, DecidedBy
from serving.store.database import reading
from serving.store.figure_tables import daily_containment
from serving.store.moments import DAY, aware, floored, microseconds
from serving.store.review_tables import handoff_events
from serving.store.tables import decisions

WINDOW = timedelta(hours=72)
"""Within it a matter counts as the same. A person who is not helped on a Friday evening
writes again by Monday; after three days "where is my order" is likelier a new one."""

_WINDOW = WINDOW // timedelta(microseconds=1)


def count_containment(engine: sa.Engine, write: Write, now: datetime) -> bool:
    """Count the next day whose answers are judged; return whether there was one."""
    with reading(engine) as connection:
        until = marked(connection, Mark.CONTAINMENT)
        first = sa.select(sa.func.min(decisions.c.recorded_at))
        if until is not None:
            first = first.where(decisions.c.recorded_at >= until)
        found = connection.scalar(first)
        if found is None:
            return False
        start = floored(aware(found), DAY)
        day = Period(start, start + DAY)
        if now < day.end + WINDOW + SLACK:
            return False
        rows = [
            {"day": start.date(), **row}
            for row in connection.execute(_judged(day)).mappings()
        ]

    def keep(connection: sa.Connection) -> None:
        if marked(connection, Mark.CONTAINMENT) != until:
            return  # Another process was faster.
        table = daily_containment
        connection.execute(sa.delete(table).where(table.c.day == start.date()))
        if rows:
            connection.execute(sa.insert(table), rows)
        move(connection, Mark.CONTAINMENT, day.end)

    write(keep)
    return True


def _judged(day: Period) -> sa.Select[Any]:
    """Return what became of the answers of `day`, by program and intent."""
    seen = _with_what_followed(day).cte("seen")
    answers = _flagged(seen, day).cte("answers")
    flags = [answers.c[name] for name in ("came_back", "handed_over", "opted_out")]
    none = sa.and_(*(flag == 0 for flag in flags))
    return sa.select(
        answers.c.program,
        answers.c.intent,
        sa.func.count().label("answered"),
        *(sa.func.sum(flag).label(flag.name) for flag in flags),
        sa.func.sum(sa.case((none, 1), else_=0)).label("contained"),
    ).group_by(answers.c.program, answers.c.intent)


def _with_what_followed(day: Period) -> sa.Select[Any]:
    """Return the decisions from `day` on, each with when it next came to what."""
    table = decisions.c
    at = microseconds(table.recorded_at)
    handed = (table.action == Action.ESCALATE) | (table.decided_by == DecidedBy.OWNER)
    opted_out = table.consent == ConsentChange.OPT_OUT
    # From the end backwards, so that the frame grows and each row costs the same.
    order = (table.recorded_at.desc(), table.decision_id.desc())

    def first_after(event: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
        return sa.func.min(sa.case((event, at))).over(
            partition_by=table.conversation_id, order_by=order, rows=(None, -1)
        )

    def same_intent(places: int) -> sa.ColumnElement[Any]:
        return sa.func.lag(at, places).over(
            partition_by=(table.conversation_id, table.intent), order_by=order
        )

    return sa.select(
        table.conversation_id,
        table.recorded_at,
        table.program,
        table.intent,
        table.action,
        table.consent,
        at.label("at"),
        first_after(handed).label("handed_at"),
        first_after(opted_out).label("opted_out_at"),
        same_intent(1).label("again_at"),
        same_intent(2).label("third_at"),
    ).where(table.recorded_at >= day.start, table.recorded_at < day.end + WINDOW)


def _flagged(seen: sa.CTE, day: Period) -> sa.Select[Any]:
    """Return the answers of `day`, each with what happened within the window."""

    def within(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.func.coalesce(moment - seen.c.at <= _WINDOW, sa.false())

    event = handoff_events.c
    taken = sa.exists().where(
        event.conversation_id == seen.c.conversation_id,
        event.kind == "taken",
        event.at > seen.c.recorded_at,
        microseconds(event.at) - seen.c.at <= _WINDOW,
    )
    asked = seen.c.action == Action.ASK
    again = sa.case((asked, seen.c.third_at), else_=seen.c.again_at)
    flags = {
        "came_back": within(again) & (seen.c.intent != ""),
        "handed_over": within(seen.c.handed_at) | taken,
        "opted_out": within(seen.c.opted_out_at),
    }
    return sa.select(
        seen.c.program,
        seen.c.intent,
        *(sa.case((flag, 1), else_=0).label(name) for name, flag in flags.items()),
    ).where(
        seen.c.recorded_at < day.end,
        seen.c.action.in_((Action.REPLY, Action.ASK)),
        seen.c.consent.is_(None),
    )
