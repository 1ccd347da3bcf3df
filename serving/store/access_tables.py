"""The tables of who may call and of who changed what."""

import sqlalchemy as sa

from serving.store.tables import metadata

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("key_id", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("secret_digest", sa.String(64), nullable=False),
    # The secret before the last rotation, until when it still opens.
    sa.Column("previous_digest", sa.String(64)),
    sa.Column("previous_until", sa.DateTime(timezone=True)),
    # Words with spaces between them; no program means all of them.
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("programs", sa.Text, nullable=False),
    sa.Column("per_minute", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("last_used_at", sa.DateTime(timezone=True)),
    comment="Keys of callers; digests only, and a revoked key stays.",
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("action", sa.String(64), nullable=False, index=True),
    sa.Column("subject_kind", sa.String(32)),
    sa.Column("subject_digest", sa.String(64), index=True),
    sa.Column("details", sa.Text, nullable=False),
    comment="Who changed what, and when; triggers refuse all but adding.",
)
