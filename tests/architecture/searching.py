"""What search knows of the market, and what the platform's staff decided about it."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from models.catalog import Brand, Product
from models.search import SearchedQuery, SearchRule, SearchVocabulary
from search.indexing.making import documents_of
from search.standin import rows
from services.search import VOCABULARY_ID
from tests.architecture.market import Market

WORD = "category"  # in the names of all categories, and of all brands that have products


async def open_search(session: AsyncSession, market: Market) -> None:
    products = [stall.variant.product_id for stall in market.stalls]
    for n, product_id in enumerate(products):
        product = await session.get_one(Product, product_id)
        brand = await session.get_one(Brand, product.brand_id)
        brand.name = f"Category maker {n}"
    await session.flush()  # what search knows is read from the tables
    await rows.write(session, await documents_of(session, products), [], push=False)
    for n in range(market.size):
        rule = SearchRule(
            query=f"rule {n}",
            pinned=products,
            boosted={str(each): 200 for each in products},
            buried=products,
        )
        log = SearchedQuery(
            day=now().date(),
            language="en",
            query=f"{WORD} {n}",
            searches=3,
            without_results=1,
            degraded=0,
            took_ms=3,
            last_total=1,
        )
        session.add_all([rule, log])
        await session.flush()  # it gets its id
        market.note("SearchRule", rule, owner_id=None)
    synonyms = [{"phrases": [f"one {n}", f"other {n}"], "typed": None} for n in range(market.size)]
    session.add(SearchVocabulary(id=VOCABULARY_ID, synonyms=synonyms))
