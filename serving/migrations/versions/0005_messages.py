"""Messages in and out: recorded before they are answered, and with what covers them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make both tables, and room for ids of services and agents in a contact."""
    _resize(32, 64)
    op.create_table(
        "messages_in",
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
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), index=True),
        sa.Column("decided_as", sa.String(64)),
        sa.Index("messages_in_alike", "number", "text_digest"),
        sa.Index("messages_in_parts", "part"),
        comment="Every message that a provider brought, recorded before it is answered.",
    )
    op.create_table(
        "messages_out",
        sa.Column("message_id", sa.String(36), primary_key=True),
        sa.Column("decision_id", sa.String(36), nullable=False, unique=True),
        sa.Column("program", sa.String(32), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("class", sa.String(16), nullable=False),
        sa.Column("template", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("via", sa.String(8), nullable=False),
        sa.Column("consent_event", sa.String(36)),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Index("messages_out_contact", "number", "program"),
        comment="Words of ours, each with the check that let it out and what covers it.",
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("messages_out")
    op.drop_table("messages_in")
    _resize(64, 32)


def _resize(before: int, after: int) -> None:
    with op.batch_alter_table("contacts") as contacts:
        for name in ("number", "sender"):
            contacts.alter_column(
                name,
                existing_type=sa.String(before),
                type_=sa.String(after),
                existing_nullable=False,
            )
