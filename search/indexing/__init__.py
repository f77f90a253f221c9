"""Keeping what search knows up to date.

Events tell which products changed (`following`), their documents are made anew in PostgreSQL
(`making`) and pushed to Elasticsearch (`pushing`); an index is built beside the one that answers
(`rebuilding`).
"""

from search.indexing.bulk import Outage
from search.indexing.following import follow, left_to_make, note_everything
from search.indexing.locks import Alone, Busy, alone
from search.indexing.making import make
from search.indexing.opening import Indexing, opened
from search.indexing.rebuilding import Incomplete, NothingToRollBackTo

REFUSALS = (Busy, Incomplete, NothingToRollBackTo, Outage)  # why an index was not built

__all__ = [
    "REFUSALS",
    "Alone",
    "Indexing",
    "alone",
    "follow",
    "left_to_make",
    "make",
    "note_everything",
    "opened",
]
