"""The same searches, answered by Elasticsearch; and what clients see when it goes away."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from app import new_app
from core.db import Database, Reader
from core.settings import Settings
from search import indexing
from tests.asking import Ask
from tests.search.api.operations import (
    EVERYTHING,
    HELP,
    SEARCH,
    SUGGEST,
    code_of,
    counts,
    facets_of,
    searched,
)
from tests.search.api.scene import Scene, open_shop, withdraw
from tests.search.api.test_cursors import forged, parts_of
from tests.search.api.test_search_products import HOSTILE


@pytest.fixture(scope="session")
def search_settings(
    settings: Settings, elasticsearch_server: str, elasticsearch_prefix: str
) -> Settings:
    where = {
        "elasticsearch_url": elasticsearch_server,
        "elasticsearch_index": f"{elasticsearch_prefix}-api",
        "search_deadline": timedelta(seconds=10),  # the machine may be busy with other tests
    }
    return settings.model_copy(update=where)


@pytest.fixture(scope="session")
async def searching_app(search_settings: Settings) -> AsyncIterator[Starlette]:
    """The application with Elasticsearch."""
    application = new_app(search_settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def es_ask(searching_app: Starlette, clean: None) -> AsyncIterator[Ask]:
    transport = httpx.ASGITransport(app=searching_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield Ask(client)


@pytest.fixture
async def es_scene(db: Database, reader: Reader, search_settings: Settings) -> Scene:
    scene = await open_shop(db, reader, is_pushed=True)
    async with (
        indexing.opened(search_settings, db, reader) as opened,
        indexing.alone(search_settings.database_url) as we,
    ):
        assert opened is not None
        await opened.rebuilder.rebuild(we)
    return scene


async def test_words_facets_and_highlights(es_ask: Ask, es_scene: Scene) -> None:
    found = (await es_ask(EVERYTHING, words="lamps"))["searchProducts"]
    facets = await facets_of(es_ask, "lamps")

    assert found["degraded"] is False
    assert {*es_scene.keys(found["nodes"])} == {"desk", "floor", "reading"}
    assert found["totalCount"]["count"] == 3
    assert "<em>lamp</em>" in found["edges"][0]["highlights"]["name"]
    assert counts(facets["category"]) == {"Home": 3, "Lamps": 3}
    assert counts(facets["price"]) == {"20 to 50 USD": 2, "100 to 200 USD": 1}
    assert counts(facets["brand"]) == {"Lumina": 2, "Nordwind": 1}
    assert counts(facets["color"]) == {"black": 1, "red": 2}


async def test_statements_are_those_of_the_list_without_search(
    es_ask: Ask, es_scene: Scene
) -> None:
    listed = await es_ask.statements("{ products(first: 24) { nodes { id name } } }")

    statements = await es_ask.statements(SEARCH, words="lamp")

    assert len(statements) == len(listed) == 1, statements


@pytest.mark.parametrize("key", ["RELEVANCE", "PRICE", "NEWEST", "RATING", "BEST_SELLING"])
async def test_pages_lead_through_everything(es_ask: Ask, es_scene: Scene, key: str) -> None:
    sort, seen, after = {"key": key}, [], None
    whole = es_scene.keys((await searched(es_ask, "", sort=sort))["nodes"])

    while True:
        page = await searched(es_ask, "", sort=sort, first=2, after=after)
        seen += es_scene.keys(page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == whole
    assert len(whole) == 6


async def test_a_cursor_of_the_stand_in_is_refused(es_ask: Ask, es_scene: Scene) -> None:
    cursor = (await searched(es_ask, "lamp", first=1))["pageInfo"]["endCursor"]
    assert parts_of(cursor)[0] == "elasticsearch"

    code, message = await code_of(es_ask, "lamp", after=forged(cursor, engine="postgresql"))

    assert code == "BAD_USER_INPUT"
    assert "another search engine" in message


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("RELEVANCE", -999_999_999_999),
        ("RELEVANCE", 999_999_999_999.5),
        ("PRICE", 2**63 - 1),
        ("PRICE", -(2**63)),
        ("NEWEST", "9999-12-31T23:59:59+00:00"),
        ("NEWEST", "0001-01-01T00:00:00+00:00"),
        ("RATING", 500),
        ("BEST_SELLING", 2**63 - 1),
    ],
)
async def test_an_extreme_place_is_one_like_others(
    es_ask: Ask, es_scene: Scene, sort: str, value: object
) -> None:
    by = {"key": sort}
    cursor = (await searched(es_ask, "lamp", first=1, sort=by))["pageInfo"]["endCursor"]

    for way in ({"after": forged(cursor, value=value)}, {"before": forged(cursor, value=value)}):
        found = await searched(es_ask, "lamp", sort=by, **way)

        assert found["degraded"] is False
        assert len(found["nodes"]) in {0, 3}


async def test_what_was_withdrawn_is_not_shown(es_ask: Ask, es_scene: Scene, db: Database) -> None:
    await withdraw(db, es_scene.products["desk"])

    found = await searched(es_ask, "lamp")

    assert {*es_scene.keys(found["nodes"])} == {"floor", "reading"}


async def test_somebody_who_found_nothing_is_helped(es_ask: Ask, es_scene: Scene) -> None:
    found = (await es_ask(HELP, words="lamp zeppelin"))["searchProducts"]

    assert found["suggestions"]["withoutWord"]["query"] == "lamp"
    assert found["suggestions"]["category"] == {"name": "Lamps"}


async def test_suggestions(es_ask: Ask, es_scene: Scene) -> None:
    found = (await es_ask(SUGGEST, prefix="lumnia"))["searchSuggestions"]

    assert found["brands"] == [{"name": "Lumina"}]
    assert {*es_scene.keys(found["products"])} == {"desk", "floor"}


async def test_whatever_is_typed_is_answered_by_elasticsearch(es_ask: Ask, es_scene: Scene) -> None:
    for query in HOSTILE:
        found = (await es_ask(EVERYTHING, words=query))["searchProducts"]
        await es_ask(HELP, words=query)
        await es_ask(SUGGEST, prefix=query)

        assert found["degraded"] is False, query


async def test_without_the_index_the_stand_in_answers_and_says_so(
    es_ask: Ask, scene: Scene, searching_app: Starlette
) -> None:
    """`scene` makes the documents but builds no index: the last test's is of other products."""
    elastic = searching_app.state.shop.search._elastic
    path, elastic._path = elastic._path, "/no-such-index"
    try:
        answer = await es_ask.answer(SEARCH, words="lamp")
    finally:
        elastic._path = path

    assert "errors" not in answer
    assert answer["data"]["searchProducts"]["degraded"] is True
    assert {*scene.keys(answer["data"]["searchProducts"]["nodes"])} == {"desk", "floor", "reading"}
    assert "index" not in str(answer)


async def test_one_search_is_one_request(
    es_ask: Ask, es_scene: Scene, searching_app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    elastic = searching_app.state.shop.search._elastic
    send, seen = elastic._send, list[str]()

    async def told(path: str, *arguments: object) -> object:
        seen.append(path)
        return await send(path, *arguments)

    monkeypatch.setattr(elastic, "_send", told)
    statements = await es_ask.statements(EVERYTHING, words="lamp")

    assert len(seen) == 2  # of two searches: the first one warms up
    assert len(statements) == 2, statements  # products and their variants
