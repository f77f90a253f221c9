"""Synonyms and stop words of the demo shop, as its staff would have set them."""

from sqlalchemy.ext.asyncio import AsyncSession

from search.words import pieces
from services import search
from tools.demo import stories


async def make_search(session: AsyncSession) -> None:
    told = stories.read("search")
    sets = [search.SynonymSet(phrases=list(map(_phrase, phrases))) for phrases in told["synonyms"]]
    await search.set_vocabulary(
        session, synonyms=sets, stop_words=list(map(_phrase, told["stop_words"]))
    )


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(word.text for word in pieces(text))
