"""The tables. Alembic's migrations make them; a test holds the two together."""

import sqlalchemy as sa

metadata = sa.MetaData()

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("number", sa.String(32), primary_key=True),
    sa.Column("sender", sa.String(32), primary_key=True),
    sa.Column("conversation_id", sa.String(36), nullable=False, unique=True),
    sa.Column("consent", sa.String(16), nullable=False),
    sa.Column("consent_changed_at", sa.DateTime(timezone=True)),
    sa.Column("asked_opt_out", sa.Boolean, nullable=False),
    # When; empty once the person has written again.
    sa.Column("asked_opt_out_at", sa.DateTime(timezone=True)),
    # How many automatic words went out in the hour that began then.
    sa.Column("hour_began_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("hour_replies", sa.Integer, nullable=False),
    comment="One person on one of our sending numbers, and what is known of it.",
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("message_id", sa.String(128), primary_key=True),
    sa.Column("decision_id", sa.String(36), nullable=False, unique=True),
    sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("bundle", sa.String(80), nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    comment="Every decision with the inputs that it was made from; never changed.",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("effect_id", sa.String(36), primary_key=True),
    sa.Column("decision_id", sa.String(36), nullable=False, index=True),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("delivered_at", sa.DateTime(timezone=True), index=True),
    comment="Effects, written with their decision, delivered at least once.",
)
