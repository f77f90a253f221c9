"""What search knows, for tests."""

from core.db import Database, Reader
from search import indexing


async def index(db: Database, reader: Reader, *, is_pushed: bool = False) -> None:
    """Make the documents of all products, as the worker does."""
    await indexing.note_everything(db)
    while await indexing.make(db, reader, is_pushed=is_pushed):
        pass
