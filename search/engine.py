"""What both engines are able to do."""

from collections.abc import Sequence
from typing import Final, Protocol

from search.answer import Answer
from search.question import Question
from search.words import Words

# Their names.
ELASTICSEARCH: Final = "elasticsearch"
POSTGRESQL: Final = "postgresql"


class EngineFailed(Exception):
    """The engine is down, too slow, or did not understand us: the other one answers instead."""


class Engine(Protocol):
    """name: what cursors carry, so that one of another engine is known.

    All raise EngineFailed, and of PostgreSQL what `core.db.FAULTS` lists.
    """

    name: str

    async def search(self, question: Question) -> Answer:
        """One round trip, whatever is needed."""
        ...

    async def counts(self, questions: Sequence[Question]) -> list[int]:
        """How many products each question finds, up to COUNT_LIMIT: one round trip."""
        ...

    async def corrected(self, words: Words, language: str) -> Words | None:
        """The same words with each unknown one replaced by the nearest that products have.

        None: nothing to correct, or nothing near.
        """
        ...
