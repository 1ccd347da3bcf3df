"""The tables of what was counted: a page reads these, not a million decisions."""

from typing import Any

import sqlalchemy as sa

from serving.store.tables import metadata


def _counted() -> list[sa.Column[Any]]:
    """Return the columns of counts; "" where a decision has no such value."""
    return [
        sa.Column("program", sa.String(32), primary_key=True),
        sa.Column("intent", sa.String(64), primary_key=True),
        sa.Column("sentiment", sa.String(16), primary_key=True),
        sa.Column("language", sa.String(16), primary_key=True),
        sa.Column("decided_by", sa.String(16), primary_key=True),
        sa.Column("action", sa.String(16), primary_key=True),
        sa.Column("consent", sa.String(16), primary_key=True),
        sa.Column("bundle", sa.String(80), primary_key=True),
        sa.Column("replies", sa.Integer, nullable=False),
        sa.Column("confidence_sum", sa.Float, nullable=False),
    ]


def _delays() -> list[sa.Column[Any]]:
    return [
        sa.Column("program", sa.String(32), primary_key=True),
        # Upper edge of the bucket, in milliseconds from receipt to decision.
        sa.Column("up_to_ms", sa.Integer, primary_key=True),
        sa.Column("replies", sa.Integer, nullable=False),
    ]


# The hour in UTC that decisions were recorded in; the last one may still grow.
hourly_counts = sa.Table(
    "hourly_counts",
    metadata,
    sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
    *_counted(),
    comment="Decisions of an hour, counted by what is asked for.",
)

hourly_delays = sa.Table(
    "hourly_delays",
    metadata,
    sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
    *_delays(),
    comment="How long decisions of an hour took.",
)

# Closed days in UTC: a month by the hour would be read too slowly.
daily_counts = sa.Table(
    "daily_counts",
    metadata,
    sa.Column("day", sa.DateTime(timezone=True), primary_key=True),
    *_counted(),
    comment="The hourly counts of closed days, added up.",
)

daily_delays = sa.Table(
    "daily_delays",
    metadata,
    sa.Column("day", sa.DateTime(timezone=True), primary_key=True),
    *_delays(),
    comment="The hourly delays of closed days, added up.",
)

waiting = sa.Table(
    "waiting",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    # The first decision that handed it over and that nobody has taken since.
    sa.Column("decision_id", sa.String(36), nullable=False),
    sa.Column("program", sa.String(32), nullable=False),
    sa.Column("queue", sa.String(64), nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Index("waiting_queue", "queue", "since", "program"),
    comment="Conversations that wait for a person; derived from the record.",
)

daily_containment = sa.Table(
    "daily_containment",
    metadata,
    # The day in UTC; written once the window after it has closed.
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("program", sa.String(32), primary_key=True),
    sa.Column("intent", sa.String(64), primary_key=True),
    # Automatic answers, and of their people how many were handed to a person, wrote
    # again about the same, or opted out within the window.
    sa.Column("answered", sa.Integer, nullable=False),
    sa.Column("came_back", sa.Integer, nullable=False),
    sa.Column("handed_over", sa.Integer, nullable=False),
    sa.Column("opted_out", sa.Integer, nullable=False),
    sa.Column("contained", sa.Integer, nullable=False),
    comment="What became of automatic answers within the window after them.",
)

counted_until = sa.Table(
    "counted_until",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    comment="Up to which moment each of these tables was counted.",
)

drift_days = sa.Table(
    "drift_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("bundle", sa.String(80), primary_key=True),
    sa.Column("replies", sa.Integer, nullable=False),
    # JSON: each measure with its statistic, p-value and verdict.
    sa.Column("measures", sa.Text, nullable=False),
    sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
    comment="How far each day's replies were from what the bundle was made from.",
)
