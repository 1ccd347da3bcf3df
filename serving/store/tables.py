"""The tables. Alembic's migrations make them; a test holds the two together."""

import sqlalchemy as sa

metadata = sa.MetaData()

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite looks rows up by number without a second index, for this type alone."""

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("sender", sa.String(64), primary_key=True),
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
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("bundle", sa.String(80), nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    # What is asked for often, beside the decision that says it too.
    sa.Column("program", sa.String(32), nullable=False, server_default=sa.text("''")),
    sa.Column("intent", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Column("confidence", sa.Float, nullable=False, server_default="0"),
    sa.Column("sentiment", sa.String(16)),
    sa.Column("language", sa.String(16)),
    sa.Column(
        "decided_by", sa.String(16), nullable=False, server_default=sa.text("''")
    ),
    sa.Column("action", sa.String(16), nullable=False, server_default=sa.text("''")),
    sa.Column("consent", sa.String(16)),
    sa.Column("queue", sa.String(64)),
    sa.Index("decisions_action", "action", "recorded_at"),
    sa.Index("decisions_conversation", "conversation_id", "recorded_at"),
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

messages_in = sa.Table(
    "messages_in",
    metadata,
    # SHA-256 of program, provider and the provider's id: claimed before anything else.
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("program", sa.String(32), nullable=False),
    sa.Column("provider", sa.String(32), nullable=False),
    sa.Column("message_id", sa.String(512), nullable=False),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("text_digest", sa.String(64), nullable=False),
    sa.Column("media", sa.Integer, nullable=False),
    sa.Column("verdict", sa.String(8)),
    sa.Column("replay_key", sa.String(64), index=True),
    sa.Column("part", sa.String(64)),
    sa.Column("part_number", sa.Integer),
    sa.Column("part_total", sa.Integer),
    sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, index=True),
    # Until when somebody is at it; empty once it is decided.
    sa.Column("leased_until", sa.DateTime(timezone=True), index=True),
    # The message that was decided for this one: itself, the first of two alike, or the
    # one that completed it.
    sa.Column("decided_as", sa.String(64)),
    sa.Index("messages_in_alike", "number", "text_digest"),
    sa.Index("messages_in_parts", "part"),
    comment="Every message that a provider brought, recorded before it is answered.",
)

messages_out = sa.Table(
    "messages_out",
    metadata,
    sa.Column("message_id", sa.String(36), primary_key=True),
    sa.Column("decision_id", sa.String(36), nullable=False, unique=True),
    sa.Column("program", sa.String(32), nullable=False),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("class", sa.String(16), nullable=False),
    sa.Column("template", sa.String(80), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("segments", sa.Integer, nullable=False),
    # Who brings it to the person: the answer to a webhook, the outbox, or the caller.
    sa.Column("via", sa.String(8), nullable=False),
    sa.Column("consent_event", sa.String(36)),
    sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
    sa.Index("messages_out_contact", "number", "program"),
    comment="Words of ours, each with the check that let it out and what covers it.",
)

consent_events = sa.Table(
    "consent_events",
    metadata,
    sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.String(36), nullable=False, unique=True),
    # Empty once the person's data is erased; an erasure leaves a keyed digest.
    sa.Column("number", sa.String(64), index=True),
    sa.Column("number_digest", sa.String(64), index=True),
    sa.Column("brand", sa.String(128), nullable=False),
    sa.Column("program", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("scope", sa.String(16), nullable=False),
    sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    # Both empty once erased; what they said stays in the digest, and nobody can guess
    # it there without the salt.
    sa.Column("personal", sa.Text),
    sa.Column("salt", sa.String(64)),
    sa.Column("personal_digest", sa.String(64), nullable=False),
    sa.Column("prev_hash", sa.String(64), nullable=False),
    sa.Column("row_hash", sa.String(64), nullable=False),
    comment="The consent ledger: hash-chained; triggers refuse all but erasing.",
)

ledger_head = sa.Table(
    "ledger_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", _SEQUENCE, nullable=False),
    sa.Column("row_hash", sa.String(64), nullable=False),
    comment="One row: the last entry of the consent ledger; it only moves forward.",
)
