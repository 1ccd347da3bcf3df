"""The consent ledger, which the database itself keeps append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")

KEPT = (
    "sequence",
    "event_id",
    "number_digest",
    "brand",
    "program",
    "kind",
    "scope",
    "occurred_at",
    "recorded_at",
    "details",
    "personal_digest",
    "prev_hash",
    "row_hash",
)
OLD = ", ".join(f"OLD.{name}" for name in KEPT)
NEW = ", ".join(f"NEW.{name}" for name in KEPT)
EMPTIED = "NEW.number IS NULL AND NEW.personal IS NULL AND NEW.salt IS NULL"

SQLITE = (
    f"""CREATE TRIGGER consent_events_update BEFORE UPDATE ON consent_events
    WHEN NOT ({EMPTIED} AND ({NEW}) IS ({OLD}))
    BEGIN SELECT RAISE(ABORT, 'consent events are append-only'); END""",
    """CREATE TRIGGER consent_events_delete BEFORE DELETE ON consent_events
    BEGIN SELECT RAISE(ABORT, 'consent events are append-only'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER consent_events_replace BEFORE INSERT ON consent_events
    WHEN EXISTS (SELECT 1 FROM consent_events
                 WHERE sequence = NEW.sequence OR event_id = NEW.event_id)
    BEGIN SELECT RAISE(ABORT, 'consent events are append-only'); END""",
    """CREATE TRIGGER ledger_head_update BEFORE UPDATE ON ledger_head
    WHEN NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence
    BEGIN SELECT RAISE(ABORT, 'the head of the ledger only moves forward'); END""",
    """CREATE TRIGGER ledger_head_delete BEFORE DELETE ON ledger_head
    BEGIN SELECT RAISE(ABORT, 'the head of the ledger only moves forward'); END""",
    """CREATE TRIGGER ledger_head_replace BEFORE INSERT ON ledger_head
    WHEN EXISTS (SELECT 1 FROM ledger_head)
    BEGIN SELECT RAISE(ABORT, 'the head of the ledger only moves forward'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION consent_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$""",
    f"""CREATE TRIGGER consent_events_update BEFORE UPDATE ON consent_events
    FOR EACH ROW WHEN (NOT ({EMPTIED} AND ({NEW}) IS NOT DISTINCT FROM ({OLD})))
    EXECUTE FUNCTION consent_ledger_refuse('consent events are append-only')""",
    """CREATE TRIGGER consent_events_delete BEFORE DELETE ON consent_events
    FOR EACH ROW
    EXECUTE FUNCTION consent_ledger_refuse('consent events are append-only')""",
    """CREATE TRIGGER consent_events_truncate BEFORE TRUNCATE ON consent_events
    EXECUTE FUNCTION consent_ledger_refuse('consent events are append-only')""",
    """CREATE TRIGGER ledger_head_update BEFORE UPDATE ON ledger_head
    FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.sequence <= OLD.sequence)
    EXECUTE FUNCTION
        consent_ledger_refuse('the head of the ledger only moves forward')""",
    """CREATE TRIGGER ledger_head_delete BEFORE DELETE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION
        consent_ledger_refuse('the head of the ledger only moves forward')""",
    """CREATE TRIGGER ledger_head_truncate BEFORE TRUNCATE ON ledger_head
    EXECUTE FUNCTION
        consent_ledger_refuse('the head of the ledger only moves forward')""",
)


def upgrade() -> None:
    """Make the tables, the head before the first entry, and the triggers."""
    op.create_table(
        "consent_events",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.String(36), nullable=False, unique=True),
        sa.Column("number", sa.String(64), index=True),
        sa.Column("number_digest", sa.String(64), index=True),
        sa.Column("brand", sa.String(128), nullable=False),
        sa.Column("program", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("personal", sa.Text),
        sa.Column("salt", sa.String(64)),
        sa.Column("personal_digest", sa.String(64), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        comment="The consent ledger: hash-chained; triggers refuse all but erasing.",
    )
    head = op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", SEQUENCE, nullable=False),
        sa.Column("row_hash", sa.String(64), nullable=False),
        comment="One row: the last entry of the consent ledger; it only moves forward.",
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "row_hash": "0" * 64}])
    for statement in POSTGRESQL if _is_postgresql() else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Drop the ledger, its triggers with it."""
    op.drop_table("ledger_head")
    op.drop_table("consent_events")
    if _is_postgresql():
        op.execute("DROP FUNCTION consent_ledger_refuse()")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
