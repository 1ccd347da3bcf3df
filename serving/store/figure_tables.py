"""The tables of what was counted: a page reads these, not a million decisions."""

import sqlalchemy as sa

from serving.store.tables import metadata

hourly_counts = sa.Table(
    "hourly_counts",
    metadata,
    # The hour in UTC that the decisions were recorded in; "" where a value is none.
    sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
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
    comment="Decisions of closed hours, counted by what is asked for.",
)

hourly_delays = sa.Table(
    "hourly_delays",
    metadata,
    sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("program", sa.String(32), primary_key=True),
    # Upper edge of the bucket, in milliseconds from receipt to decision.
    sa.Column("up_to_ms", sa.Integer, primary_key=True),
    sa.Column("replies", sa.Integer, nullable=False),
    comment="How long decisions of closed hours took.",
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
