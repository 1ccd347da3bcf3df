"""Old messages are found by their moment: retention walks both tables by it."""

from alembic import op

revision = "0007"
down_revision = "0006"

MOMENTS = (("messages_in", "received_at"), ("messages_out", "checked_at"))


def upgrade() -> None:
    """Make an index of each moment."""
    for table, moment in MOMENTS:
        op.create_index(f"ix_{table}_{moment}", table, [moment])


def downgrade() -> None:
    """Drop both."""
    for table, moment in MOMENTS:
        op.drop_index(f"ix_{table}_{moment}", table)
