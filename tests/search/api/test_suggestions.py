"""Suggestions while somebody types."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from starlette.applications import Starlette

from core.clock import now
from core.db import Database, Query
from models.search import SearchedQuery
from tests.asking import Ask
from tests.search.api.operations import SUGGEST, searched
from tests.search.api.scene import Scene, withdraw

_ALL = Query(select(SearchedQuery.query))


async def suggested(ask: Ask, prefix: str, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(SUGGEST, prefix=prefix, **variables))["searchSuggestions"]
    return found


def names(rows: list[dict[str, str]]) -> list[str]:
    return [row["name"] for row in rows]


async def test_products_categories_and_brands_are_suggested(ask: Ask, scene: Scene) -> None:
    found = await suggested(ask, "lam")

    assert {*scene.keys(found["products"])} == {"desk", "floor", "reading"}
    assert names(found["categories"]) == ["Lamps"]
    assert names((await suggested(ask, "lum"))["brands"]) == ["Lumina"]


async def test_typing_errors_do_not_matter(ask: Ask, scene: Scene) -> None:
    found = await suggested(ask, "lumnia")

    assert names(found["brands"]) == ["Lumina"]
    assert {*scene.keys(found["products"])} == {"desk", "floor"}


async def test_chinese_is_suggested_from_one_character_on(ask: Ask, scene: Scene) -> None:
    found = await suggested(ask, "灯")

    assert names(found["categories"]) == ["Lamps"]


async def test_nothing_is_suggested_for_nothing(
    ask: Ask, scene: Scene, round_trips: list[str]
) -> None:
    nothing = {"queries": [], "products": [], "categories": [], "brands": []}

    assert await suggested(ask, "") == nothing
    assert await suggested(ask, " ?! ") == nothing
    assert await suggested(ask, "lam", first=0) == nothing
    assert round_trips == []


async def test_what_nobody_may_see_is_not_suggested(ask: Ask, db: Database, scene: Scene) -> None:
    await withdraw(db, scene.products["mug"])

    assert (await suggested(ask, "mug"))["products"] == []


async def log_of(db: Database, *queries: tuple[str, int, int, int]) -> None:
    """Query, searches, what the last one found, and days since."""
    async with db.transaction() as session:
        session.add_all(
            SearchedQuery(
                day=now().date() - timedelta(days),
                language="en",
                query=query,
                searches=searches,
                without_results=0,
                degraded=0,
                took_ms=1,
                last_total=total,
            )
            for query, searches, total, days in queries
        )


async def test_queries_are_suggested_that_are_often_asked_and_find_something(
    ask: Ask, db: Database, scene: Scene
) -> None:
    await log_of(
        db,
        ("lamp", 3, 3, 0),
        ("lamp red", 2, 2, 1),
        ("lamp red", 2, 2, 2),
        ("lamp rare", 2, 2, 0),  # too seldom
        ("lamp old", 9, 2, 40),  # too long ago
        ("lamp gone", 9, 0, 0),  # found nothing
        ("lamp kettle", 9, 5, 0),  # finds nothing any more
        ("mug", 9, 1, 0),
    )

    found = await suggested(ask, "Lam")

    assert found["queries"] == ["lamp red", "lamp"]


async def test_a_key_takes_few_statements_and_round_trips(
    ask: Ask, db: Database, scene: Scene, round_trips: list[str]
) -> None:
    await log_of(db, *((f"lamp {n}", 9, 9, 0) for n in range(30)))

    statements = await ask.statements(SUGGEST, prefix="lam")

    # What was found, the products, what others asked, and how much of it is there still.
    assert len(statements) == 4, statements
    assert sorted(round_trips[:2]) == ["counts", "search"]


async def test_suggestions_are_no_searches(ask: Ask, app: Starlette, scene: Scene) -> None:
    await suggested(ask, "lam")
    await app.state.shop.searched.write()
    await searched(ask, "lamp")
    await app.state.shop.searched.write()

    rows = await app.state.shop.reader.fetch(_ALL)
    assert [row["query"] for row in rows] == ["lamp"]


async def test_too_much_is_refused(ask: Ask, scene: Scene) -> None:
    answers = [
        await ask.answer(SUGGEST, prefix="x" * 201),
        await ask.answer(SUGGEST, prefix="lam", first=11),
        await ask.answer(SUGGEST, prefix="lam", first=-1),
    ]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["BAD_USER_INPUT"] * 3
