"""The tables of who reviews, what is reviewed, and what was found."""

import sqlalchemy as sa

from serving.store.tables import metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("user_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(128), nullable=False, unique=True),
    sa.Column("role", sa.String(16), nullable=False),
    # argon2id in its own notation; empty for those whom a provider signs in.
    sa.Column("password", sa.Text),
    # Issuer and subject of OpenID Connect.
    sa.Column("subject", sa.String(512), unique=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("disabled_at", sa.DateTime(timezone=True)),
    comment="People who work in the console.",
)

user_sessions = sa.Table(
    "user_sessions",
    metadata,
    # SHA-256 of what the cookie holds.
    sa.Column("token_digest", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(36), nullable=False, index=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    comment="Who is signed in; a row that goes is a session that ends.",
)

sample_designs = sa.Table(
    "sample_designs",
    metadata,
    sa.Column("design_id", sa.String(36), primary_key=True),
    # JSON: strata, rates, seed.
    sa.Column("design", sa.Text, nullable=False),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    comment="By what design decisions are drawn for review, from when on.",
)

sample_strata = sa.Table(
    "sample_strata",
    metadata,
    # The frame: of each period and stratum, how many there were and were drawn.
    sa.Column("period", sa.String(16), primary_key=True),
    sa.Column("stratum", sa.String(160), primary_key=True),
    sa.Column("design_id", sa.String(36), nullable=False),
    sa.Column("decisions", sa.Integer, nullable=False),
    sa.Column("drawn", sa.Integer, nullable=False),
    comment="How many decisions each stratum had, and how many were drawn of them.",
)

sample_draws = sa.Table(
    "sample_draws",
    metadata,
    sa.Column("decision_id", sa.String(36), primary_key=True),
    sa.Column("period", sa.String(16), nullable=False),
    sa.Column("stratum", sa.String(160), nullable=False),
    # Of being drawn, as the design says; above 0, at most 1.
    sa.Column("probability", sa.Float, nullable=False),
    # To be reviewed by two.
    sa.Column("double", sa.Boolean, nullable=False),
    # The order of review, at random within a period.
    sa.Column("place", sa.Float, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
    # What the decision says, once more: a page weighs thousands, and looks up none.
    sa.Column("program", sa.String(32), nullable=False, server_default=sa.text("''")),
    sa.Column("intent", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Column(
        "decided_by", sa.String(16), nullable=False, server_default=sa.text("''")
    ),
    sa.Column("action", sa.String(16), nullable=False, server_default=sa.text("''")),
    sa.Column("consent", sa.String(16), nullable=False, server_default=sa.text("''")),
    sa.Column("bundle", sa.String(80), nullable=False, server_default=sa.text("''")),
    sa.Index("sample_draws_period", "period", "place"),
    comment="The decisions that were drawn for review.",
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("review_id", sa.String(36), primary_key=True),
    sa.Column("decision_id", sa.String(36), nullable=False, index=True),
    sa.Column("user_id", sa.String(36), nullable=False),
    # "drawn" by the design, "picked" by a reviewer, or "adjudicated" between two.
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(24), nullable=False),
    sa.Column("intent", sa.String(64)),
    sa.Column("queue", sa.String(64)),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
    sa.Index("reviews_user", "user_id", "reviewed_at"),
    comment="What a reviewer found of a decision; undone ones stay.",
)

review_holds = sa.Table(
    "review_holds",
    metadata,
    sa.Column("decision_id", sa.String(36), primary_key=True),
    sa.Column("user_id", sa.String(36), primary_key=True),
    # Until when nobody else gets it in this reviewer's place.
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    # When they passed it by; it comes back to them after all others.
    sa.Column("skipped_at", sa.DateTime(timezone=True)),
    sa.Index("review_holds_user", "user_id"),
    comment="Which reviewer is looking at which drawn decision.",
)

handoff_events = sa.Table(
    "handoff_events",
    metadata,
    sa.Column("event_id", sa.String(36), primary_key=True),
    sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
    # "taken" by a person, or "closed".
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("actor", sa.String(128), nullable=False),
    comment="When a person took or closed a conversation that was handed over.",
)
