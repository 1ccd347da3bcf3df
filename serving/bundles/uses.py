"""On record in the store: which bundle a service took into use, when and why."""

from datetime import UTC, datetime

import sqlalchemy as sa

from model.uses import BundleRole, Use
from serving.store.bundle_tables import bundle_uses


def record_use(connection: sa.Connection, use: Use, use_id: str) -> None:
    """Add a use, unless that bundle has that role already.

    Of several services on one store the first to take a bundle up tells it.
    """
    last = _before(connection, use.role, None)
    if last is not None and last.bundle == use.bundle_id:
        return
    connection.execute(
        sa.insert(bundle_uses).values(
            use_id=use_id,
            bundle=use.bundle_id,
            role=use.role,
            since=use.since.astimezone(UTC),
            actor=use.actor,
            reason=use.reason,
        )
    )


def in_use_at(
    connection: sa.Connection, role: BundleRole, moment: datetime
) -> Use | None:
    """Return who had `role` at `moment` (aware); None before anybody was on record."""
    row = _before(connection, role, moment)
    if row is None:
        return None
    # SQLite keeps no zone; everything is written in UTC.
    since = row.since.replace(tzinfo=UTC) if row.since.tzinfo is None else row.since
    return Use(row.bundle, role, since.astimezone(UTC), row.actor, row.reason)


def _before(
    connection: sa.Connection, role: BundleRole, moment: datetime | None
) -> sa.Row[tuple[object, ...]] | None:
    """Return the last use of a role, up to `moment` where one is given."""
    table = bundle_uses.c
    wanted = sa.select(bundle_uses).where(table.role == role)
    if moment is not None:
        wanted = wanted.where(table.since <= moment.astimezone(UTC))
    latest = wanted.order_by(table.since.desc(), table.use_id.desc()).limit(1)
    return connection.execute(latest).first()
