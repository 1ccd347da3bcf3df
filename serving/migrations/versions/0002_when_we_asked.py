"""When we asked whether to stop, so that a later "yes" is no answer to it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the moment to contacts."""
    moment = sa.Column("asked_opt_out_at", sa.DateTime(timezone=True))
    op.add_column("contacts", moment)


def downgrade() -> None:
    """Drop the moment."""
    op.drop_column("contacts", "asked_opt_out_at")
