"""Alembic's entry: runs the migrations on the connection that it is handed."""

from alembic import context

import serving.store.access_tables  # noqa: F401 - adds its tables to the metadata
from serving.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata
)
with context.begin_transaction():
    context.run_migrations()
