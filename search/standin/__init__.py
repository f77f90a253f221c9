"""The same search on PostgreSQL: documents in a table, full-text search, trigrams."""

from search.standin.engine import Standin

__all__ = ["Standin"]
