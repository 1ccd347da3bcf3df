"""The tables of which bundle decided when, and what another would have said."""

import sqlalchemy as sa

from serving.store.tables import metadata

bundle_uses = sa.Table(
    "bundle_uses",
    metadata,
    sa.Column("use_id", sa.String(36), primary_key=True),
    sa.Column("bundle", sa.String(80), nullable=False),
    # "champion" decides; "challenger" decides beside it and never speaks.
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    comment="Which bundle was taken into use, when and why; rows are only added.",
)

shadow_decisions = sa.Table(
    "shadow_decisions",
    metadata,
    sa.Column("decision_id", sa.String(36), primary_key=True),
    sa.Column("bundle", sa.String(80), primary_key=True),
    sa.Column("champion", sa.String(80), nullable=False),
    # What kind of flip it is; "" where both say the same.
    sa.Column("kind", sa.String(32), nullable=False),
    # What the challenger would have decided, where it differs; no words of a person.
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("shadow_decisions_kind", "bundle", "kind", "decided_at"),
    comment="What a challenger would have decided; it never speaks.",
)
