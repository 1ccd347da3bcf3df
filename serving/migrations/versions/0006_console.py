"""What the console shows: columns of decisions, counts, reviews, users, bundles."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

PART = 5_000

def upgrade() -> None:
    """Add the columns, fill them from the decisions, and make the tables."""
    for column in _columns():
        op.add_column("decisions", column)
    _fill(op.get_bind())
    op.create_index("decisions_action", "decisions", ["action", "recorded_at"])
    op.create_index(
        "decisions_conversation", "decisions", ["conversation_id", "recorded_at"]
    )
    op.drop_index("ix_decisions_conversation_id", "decisions")
    for name, *parts, comment in _tables():
        op.create_table(name, *parts, comment=comment)


def downgrade() -> None:
    """Drop all of it; the decisions stay as they are."""
    for name, *_ in reversed(_tables()):
        op.drop_table(name)
    op.create_index("ix_decisions_conversation_id", "decisions", ["conversation_id"])
    op.drop_index("decisions_conversation", "decisions")
    op.drop_index("decisions_action", "decisions")
    with op.batch_alter_table("decisions") as decisions:
        for column in _columns():
            decisions.drop_column(column.name)


def _fill(connection: sa.Connection) -> None:
    names = [column.name for column in _columns() if column.name != "program"]
    table = sa.table(
        "decisions", sa.column("decision_id"), sa.column("decision"),
        *(sa.column(name) for name in names),
    )
    found = sa.select(table.c.decision_id, table.c.decision).order_by(
        table.c.decision_id
    ).limit(PART)
    change = sa.update(table).where(table.c.decision_id == sa.bindparam("its")).values(
        {name: sa.bindparam(f"new_{name}") for name in names}
    )
    after = ""
    while rows := connection.execute(found.where(table.c.decision_id > after)).all():
        connection.execute(change, [_told(row, names) for row in rows])
        after = rows[-1].decision_id


def _told(row: Any, names: list[str]) -> dict[str, object]:
    decision = json.loads(row.decision)
    told = {name: decision.get(name) for name in names}
    for name in ("intent", "decided_by", "action"):
        told[name] = told[name] or ""
    told["confidence"] = told["confidence"] or 0.0
    return {"its": row.decision_id, **{f"new_{n}": v for n, v in told.items()}}


# Made anew each time: a column belongs to one table.
def _columns() -> list[sa.Column[Any]]:
    """Return the columns; the defaults fill what is there, new rows bring their own."""
    return [
        sa.Column("program", sa.String(32), nullable=False, server_default=sa.text("''")),
        sa.Column("intent", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.Column("confidence", sa.Float, nullable=False, server_default="0"),
        sa.Column("sentiment", sa.String(16)),
        sa.Column("language", sa.String(16)),
        sa.Column("decided_by", sa.String(16), nullable=False, server_default=sa.text("''")),
        sa.Column("action", sa.String(16), nullable=False, server_default=sa.text("''")),
        sa.Column("consent", sa.String(16)),
        sa.Column("queue", sa.String(64)),
    ]


def _tables() -> list[tuple[Any, ...]]:
    """Return name, columns and comment of each table."""
    return [
        (
            "users",
            sa.Column("user_id", sa.String(36), primary_key=True),
            sa.Column("name", sa.String(128), nullable=False, unique=True),
            sa.Column("role", sa.String(16), nullable=False),
            sa.Column("password", sa.Text),
            sa.Column("subject", sa.String(512), unique=True),
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("disabled_at", sa.DateTime(timezone=True)),
            "People who work in the console.",
        ),
        (
            "user_sessions",
            sa.Column("token_digest", sa.String(64), primary_key=True),
            sa.Column("user_id", sa.String(36), nullable=False, index=True),
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
            "Who is signed in; a row that goes is a session that ends.",
        ),
        (
            "sample_designs",
            sa.Column("design_id", sa.String(36), primary_key=True),
            sa.Column("design", sa.Text, nullable=False),
            sa.Column("since", sa.DateTime(timezone=True), nullable=False),
            sa.Column("actor", sa.String(128), nullable=False),
            "By what design decisions are drawn for review, from when on.",
        ),
        (
            "sample_strata",
            sa.Column("period", sa.String(16), primary_key=True),
            sa.Column("stratum", sa.String(160), primary_key=True),
            sa.Column("design_id", sa.String(36), nullable=False),
            sa.Column("decisions", sa.Integer, nullable=False),
            sa.Column("drawn", sa.Integer, nullable=False),
            "How many decisions each stratum had, and how many were drawn of them.",
        ),
        (
            "sample_draws",
            sa.Column("decision_id", sa.String(36), primary_key=True),
            sa.Column("period", sa.String(16), nullable=False),
            sa.Column("stratum", sa.String(160), nullable=False),
            sa.Column("probability", sa.Float, nullable=False),
            sa.Column("double", sa.Boolean, nullable=False),
            sa.Column("place", sa.Float, nullable=False),
            sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, index=True),
            sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("program", sa.String(32), nullable=False, server_default=sa.text("''")),
            sa.Column("intent", sa.String(64), nullable=False, server_default=sa.text("''")),
            sa.Column("decided_by", sa.String(16), nullable=False, server_default=sa.text("''")),
            sa.Column("action", sa.String(16), nullable=False, server_default=sa.text("''")),
            sa.Column("consent", sa.String(16), nullable=False, server_default=sa.text("''")),
            sa.Column("bundle", sa.String(80), nullable=False, server_default=sa.text("''")),
            sa.Index("sample_draws_period", "period", "place"),
            "The decisions that were drawn for review.",
        ),
        (
            "reviews",
            sa.Column("review_id", sa.String(36), primary_key=True),
            sa.Column("decision_id", sa.String(36), nullable=False, index=True),
            sa.Column("user_id", sa.String(36), nullable=False),
            sa.Column("kind", sa.String(16), nullable=False),
            sa.Column("verdict", sa.String(24), nullable=False),
            sa.Column("intent", sa.String(64)),
            sa.Column("queue", sa.String(64)),
            sa.Column("note", sa.Text, nullable=False),
            sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False, index=True),
            sa.Column("undone_at", sa.DateTime(timezone=True)),
            sa.Index("reviews_user", "user_id", "reviewed_at"),
            "What a reviewer found of a decision; undone ones stay.",
        ),
        (
            "review_holds",
            sa.Column("decision_id", sa.String(36), primary_key=True),
            sa.Column("user_id", sa.String(36), primary_key=True),
            sa.Column("until", sa.DateTime(timezone=True), nullable=False),
            sa.Column("skipped_at", sa.DateTime(timezone=True)),
            sa.Index("review_holds_user", "user_id"),
            "Which reviewer is looking at which drawn decision.",
        ),
        (
            "handoff_events",
            sa.Column("event_id", sa.String(36), primary_key=True),
            sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
            sa.Column("kind", sa.String(16), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
            sa.Column("actor", sa.String(128), nullable=False),
            "When a person took or closed a conversation that was handed over.",
        ),
        (
            "hourly_counts",
            sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
            *_counted(),
            "Decisions of an hour, counted by what is asked for.",
        ),
        (
            "hourly_delays",
            sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
            *_delays(),
            "How long decisions of an hour took.",
        ),
        (
            "daily_counts",
            sa.Column("day", sa.DateTime(timezone=True), primary_key=True),
            *_counted(),
            "The hourly counts of closed days, added up.",
        ),
        (
            "daily_delays",
            sa.Column("day", sa.DateTime(timezone=True), primary_key=True),
            *_delays(),
            "The hourly delays of closed days, added up.",
        ),
        (
            "waiting",
            sa.Column("conversation_id", sa.String(36), primary_key=True),
            sa.Column("decision_id", sa.String(36), nullable=False),
            sa.Column("program", sa.String(32), nullable=False),
            sa.Column("queue", sa.String(64), nullable=False),
            sa.Column("since", sa.DateTime(timezone=True), nullable=False),
            sa.Index("waiting_queue", "queue", "since", "program"),
            "Conversations that wait for a person; derived from the record.",
        ),
        (
            "daily_containment",
            sa.Column("day", sa.Date, primary_key=True),
            sa.Column("program", sa.String(32), primary_key=True),
            sa.Column("intent", sa.String(64), primary_key=True),
            sa.Column("answered", sa.Integer, nullable=False),
            sa.Column("came_back", sa.Integer, nullable=False),
            sa.Column("handed_over", sa.Integer, nullable=False),
            sa.Column("opted_out", sa.Integer, nullable=False),
            sa.Column("contained", sa.Integer, nullable=False),
            "What became of automatic answers within the window after them.",
        ),
        (
            "counted_until",
            sa.Column("name", sa.String(32), primary_key=True),
            sa.Column("until", sa.DateTime(timezone=True), nullable=False),
            "Up to which moment each of these tables was counted.",
        ),
        (
            "drift_days",
            sa.Column("day", sa.Date, primary_key=True),
            sa.Column("bundle", sa.String(80), primary_key=True),
            sa.Column("replies", sa.Integer, nullable=False),
            sa.Column("measures", sa.Text, nullable=False),
            sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
            "How far each day's replies were from what the bundle was made from.",
        ),
        (
            "bundle_uses",
            sa.Column("use_id", sa.String(36), primary_key=True),
            sa.Column("bundle", sa.String(80), nullable=False),
            sa.Column("role", sa.String(16), nullable=False),
            sa.Column("since", sa.DateTime(timezone=True), nullable=False, index=True),
            sa.Column("actor", sa.String(128), nullable=False),
            sa.Column("reason", sa.Text, nullable=False),
            "Which bundle was taken into use, when and why; rows are only added.",
        ),
        (
            "shadow_decisions",
            sa.Column("decision_id", sa.String(36), primary_key=True),
            sa.Column("bundle", sa.String(80), primary_key=True),
            sa.Column("champion", sa.String(80), nullable=False),
            sa.Column("kind", sa.String(32), nullable=False),
            sa.Column("decision", sa.Text, nullable=False),
            sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
            sa.Index("shadow_decisions_kind", "bundle", "kind", "decided_at"),
            "What a challenger would have decided; it never speaks.",
        ),
    ]


def _counted() -> list[sa.Column[Any]]:
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
        sa.Column("up_to_ms", sa.Integer, primary_key=True),
        sa.Column("replies", sa.Integer, nullable=False),
    ]
