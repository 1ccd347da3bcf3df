"""The metadata with all tables in it, wherever they are defined."""

from serving.store import access_tables, bundle_tables, figure_tables, review_tables
from serving.store.tables import metadata

MODULES = (access_tables, bundle_tables, figure_tables, review_tables)
"""Each adds its tables to the metadata as it is imported."""

__all__ = ["MODULES", "metadata"]
