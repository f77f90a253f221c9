"""An engine with documents in it, asked in the fewest words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from search.answer import Answer, FacetCounts
from search.documents import Document
from search.engine import Engine
from search.question import Need, Part, Question
from search.words import NO_VOCABULARY, Vocabulary, parse

ALL = 50


@dataclass
class Shelf:
    """documents: what the engine has."""

    engine: Engine
    documents: Sequence[Document]

    async def ask(
        self, text: str, *needs: Need, vocabulary: Vocabulary = NO_VOCABULARY, **asked: Any
    ) -> Answer:
        """needs: hits, if nothing else is said."""
        question = Question(parse(text, vocabulary), **{"part": Part(ALL), **asked})
        return await self.engine.search(question.needing(*(needs or [Need.HITS])))

    async def found(self, text: str, **asked: Any) -> list[str]:
        """The English names of what is found, in order."""
        return [self.name(hit.id) for hit in (await self.ask(text, **asked)).hits]

    async def facets(self, text: str = "", **asked: Any) -> FacetCounts:
        answer = await self.ask(text, Need.FACETS, **asked)
        assert answer.facets is not None
        return answer.facets

    async def total(self, text: str = "", **asked: Any) -> int | None:
        return (await self.ask(text, Need.COUNT, **asked)).total

    def name(self, product_id: UUID) -> str:
        [document] = (each for each in self.documents if each.product_id == product_id)
        return document.names["en"]

    def id(self, name: str) -> UUID:
        [document] = (each for each in self.documents if each.names["en"] == name)
        return document.product_id
