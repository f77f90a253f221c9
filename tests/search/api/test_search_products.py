"""Products that are searched for, on the stand-in."""

from typing import Any

import pytest
from starlette.applications import Starlette

from core.db import Database, Reader
from core.identity import ANONYMOUS
from core.settings import Settings
from resolvers.context import RequestContext
from schema import new_schema
from search.answer import Answer
from search.question import Question
from tests.asking import Ask
from tests.factories.search import index
from tests.search.api.operations import EVERYTHING, FACETS, HELP, SEARCH, code_of, searched
from tests.search.api.scene import Scene, withdraw


async def test_words_find_products_the_best_first(ask: Ask, scene: Scene) -> None:
    found = await searched(ask, "desk lamp")

    assert scene.keys(found["nodes"]) == ["desk"]
    assert found["totalCount"] == {"count": 1, "precision": "EXACT"}
    assert found["degraded"] is True


@pytest.mark.parametrize(
    "query", ["lam", "LAMPS", "ｌａｍｐ", "lamp", "lapms", " lamp!! ", '"lamp"']
)
async def test_a_word_is_found_however_it_is_written(ask: Ask, scene: Scene, query: str) -> None:
    found = await searched(ask, query)

    assert {*scene.keys(found["nodes"])} == {"desk", "floor", "reading"}


async def test_chinese_is_found_by_one_character_and_by_two(ask: Ask, scene: Scene) -> None:
    one, two = await searched(ask, "灯"), await searched(ask, "台灯")

    assert {*scene.keys(one["nodes"])} == {"desk", "floor", "reading"}
    assert scene.keys(two["nodes"]) == ["desk"]


async def test_a_sku_finds_its_product_first(ask: Ask, scene: Scene) -> None:
    found = await searched(ask, scene.skus["mug"].lower())

    assert scene.keys(found["nodes"])[0] == "mug"


async def test_no_words_find_everything(ask: Ask, scene: Scene) -> None:
    found = await searched(ask, "")

    assert {*scene.keys(found["nodes"])} == {*scene.products}


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ({"key": "PRICE"}, ["reading", "desk", "floor"]),
        ({"key": "PRICE", "direction": "DESC"}, ["floor", "desk", "reading"]),
        ({"key": "RATING"}, ["desk", "floor", "reading"]),
    ],
)
async def test_the_order_is_what_was_asked_for(
    ask: Ask, scene: Scene, sort: dict[str, str], order: list[str]
) -> None:
    found = await searched(ask, "lamp", sort=sort)

    assert scene.keys(found["nodes"]) == order


@pytest.mark.parametrize("key", ["RELEVANCE", "PRICE", "NEWEST", "RATING", "BEST_SELLING"])
async def test_pages_lead_through_everything_and_back(ask: Ask, scene: Scene, key: str) -> None:
    sort = {"key": key}
    whole = scene.keys((await searched(ask, "", sort=sort))["nodes"])

    forth, after = [], None
    while True:
        page = await searched(ask, "", sort=sort, first=2, after=after)
        forth += scene.keys(page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    back, before = [], None
    while True:
        page = await searched(ask, "", sort=sort, last=4, before=before)
        back = scene.keys(page["nodes"]) + back
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break

    assert forth == back == whole
    assert len(whole) == len(scene.products)


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"minimumRating": 4}, {"desk"}),
        ({"inStock": False}, {"reading"}),
        ({"prices": [{"maximum": "25.00"}]}, {"reading"}),
        ({"prices": [{"maximum": "25"}, {"minimum": "129.00"}]}, {"reading", "floor"}),
        ({"prices": [{"minimum": "90", "maximum": "10"}]}, set()),
        ({"prices": []}, set()),
        ({"attributes": [{"slug": "color", "values": ["red"]}]}, {"desk", "reading"}),
        ({"attributes": [{"slug": "color", "values": ["red", "black"]},
                         {"slug": "dimmable", "values": ["false"]}]}, {"floor"}),
        ({"attributes": [{"slug": "color", "values": []}]}, set()),
        ({"attributes": [{"slug": "no-such", "values": ["red"]}]}, set()),
        ({"brands": []}, set()),
        ({"brands": ["nonsense"]}, set()),
        ({"categories": ["brand_00000000000000000000000000000000"]}, set()),
        ({}, {"desk", "floor", "reading"}),
    ],
)  # fmt: skip
async def test_choices_narrow_what_is_found(
    ask: Ask, scene: Scene, where: dict[str, Any], kept: set[str]
) -> None:
    found = await searched(ask, "lamp", where=where)

    assert {*scene.keys(found["nodes"])} == kept


async def test_a_category_has_what_is_below_it(ask: Ask, scene: Scene) -> None:
    below = await searched(ask, "", where={"categories": [scene.id("category", "home")]})
    two = {"categories": [scene.id("category", "clothing"), scene.id("category", "kitchen")]}
    either = await searched(ask, "", where=two)

    assert {*scene.keys(below["nodes"])} == {"desk", "floor", "reading", "kettle", "mug"}
    assert {*scene.keys(either["nodes"])} == {"kettle", "mug", "shirt"}


async def test_what_was_withdrawn_a_moment_ago_is_not_shown(
    ask: Ask, db: Database, scene: Scene
) -> None:
    await withdraw(db, scene.products["desk"])

    found = await ask(EVERYTHING, words="lamp")

    found = found["searchProducts"]
    assert {*scene.keys(found["nodes"])} == {"floor", "reading"}
    assert {*scene.keys([each["node"] for each in found["edges"]])} == {"floor", "reading"}


async def test_highlights_are_safe_html(ask: Ask, scene: Scene) -> None:
    query = """{ searchProducts(query: "evening lamp") { edges { node { id }
        highlights { name summary description } } } }"""

    [edge] = (await ask(query))["searchProducts"]["edges"]

    assert scene.keys([edge["node"]]) == ["desk"]
    assert edge["highlights"]["name"] == "Bright desk <em>lamp</em>"
    assert "&lt;b&gt;long&lt;/b&gt;" in edge["highlights"]["summary"]
    assert "<em>evenings</em>" in edge["highlights"]["summary"]


async def test_one_round_trip_brings_all_that_is_asked_for(
    ask: Ask, scene: Scene, round_trips: list[str]
) -> None:
    await ask(EVERYTHING, words="lamp")

    assert round_trips == ["search"]


@pytest.mark.parametrize("document", [EVERYTHING, HELP, FACETS])
async def test_graphql_core_s_own_executor_answers_alike_and_asks_once_too(
    app: Starlette, settings: Settings, scene: Scene, round_trips: list[str], document: str
) -> None:
    answers, trips = [], []
    for is_reference in (False, True):
        context = RequestContext(app.state.shop, ANONYMOUS, language="en", currency="USD")
        schema = new_schema(settings, is_reference=is_reference)
        without_time = document.replace("tookMs", "")
        result = await schema.execute(without_time, {"words": "red lamp mug"}, context)
        assert result.errors is None
        answers.append(result.data)
        trips.append([*round_trips])
        round_trips.clear()

    assert answers[0] == answers[1]
    assert trips[0] == trips[1]
    assert trips[0].count("search") == 1


async def test_a_search_needs_one_statement_more_than_a_list(
    ask: Ask, db: Database, reader: Reader, scene: Scene
) -> None:
    listed = await ask.statements("{ products(first: 24) { nodes { id name } } }")

    statements = await ask.statements(SEARCH, words="lamp")

    assert len(statements) == len(listed) + 1, statements


async def test_a_search_does_not_cost_more_for_more_products(
    ask: Ask, db: Database, reader: Reader, scene: Scene
) -> None:
    few = await ask.statements(EVERYTHING, words="mug")
    many = await ask.statements(EVERYTHING, words="")

    assert len(few) == len(many) == 3, many  # found, products, variants


async def test_nothing_asked_for_is_nothing_worked_out(
    ask: Ask, scene: Scene, round_trips: list[str]
) -> None:
    answer = await ask('{ searchProducts(query: "lamp") { __typename } }')

    assert answer == {"searchProducts": {"__typename": "ProductSearchConnection"}}
    assert round_trips == []


@pytest.mark.parametrize(
    ("selection", "needs"),
    [
        ("nodes { id }", {"HITS"}),
        ("pageInfo { endCursor }", {"HITS"}),
        ("edges { cursor node { id } }", {"HITS"}),
        ("edges { highlights { name } }", {"HITS", "HIGHLIGHTS"}),
        ("edges { ...Marked } } } fragment Marked on ProductSearchEdge { highlights { name }",
         {"HITS", "HIGHLIGHTS"}),
        ("totalCount { count } degraded tookMs", {"COUNT"}),
        ("nodes { id } facets { key } degraded", {"HITS", "FACETS"}),
    ],
)  # fmt: skip
async def test_what_is_asked_for_is_what_is_worked_out(
    ask: Ask,
    app: Starlette,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    selection: str,
    needs: set[str],
) -> None:
    search, seen = app.state.shop.search, []
    real = search.search

    async def told(question: Question) -> Answer:
        seen.append({*question.needs})
        return await real(question)

    monkeypatch.setattr(search, "search", told)
    closing = " }" if "fragment" in selection else " } }"
    await ask('{ searchProducts(query: "lamp") { ' + selection + closing)

    assert seen == [needs]


async def test_two_searches_of_one_operation_do_not_mix(ask: Ask, scene: Scene) -> None:
    found = await ask(
        """{ a: searchProducts(query: "mug") { nodes { id } totalCount { count } }
             b: searchProducts(query: "lamp") { nodes { id } totalCount { count } } }"""
    )

    assert scene.keys(found["a"]["nodes"]) == ["mug"]
    assert (found["a"]["totalCount"]["count"], found["b"]["totalCount"]["count"]) == (1, 3)


HOSTILE = [
    "",
    " ",
    "a",
    "x" * 200,
    "lamp AND (mug OR -kettle) name:*",
    '"lamp',
    "lam* l?mp ~2 ^5 /l.*p/ [a TO z]",
    "(a+)+$" * 30,
    "*" * 200,
    "' OR 1=1; --",
    "\\",
    "💡🔦👨‍👩‍👧",
    "lamp 台灯 лампа lampe",
    "臺燈",
    "ｌａｍｐ　ｄｅｓｋ",
    "مصباح",
    "\u202epmal",
    "\u200b\u200d\ufeff",
    "é" * 100,
    "a b c d e f g h i j k l m n o p",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%_%",
    "İıßﬁ",
]


@pytest.mark.parametrize("query", HOSTILE)
async def test_whatever_is_typed_is_answered(ask: Ask, scene: Scene, query: str) -> None:
    answer = await ask.answer(EVERYTHING, words=query)
    offered = await ask.answer(
        """query($q: String!) { searchProducts(query: $q) { suggestions { didYouMean
            withoutWord { query } category { id } } }
          searchSuggestions(prefix: $q) { queries products { id } categories { id } brands { id } }
        }""",
        q=query,
    )

    assert "errors" not in answer, answer
    assert "errors" not in offered, offered


async def test_what_can_not_be_meant_is_refused(ask: Ask, scene: Scene) -> None:
    too_many = [scene.id("brand", "Lumina")] * 101
    refused: list[tuple[str, dict[str, Any]]] = [
        ("x" * 201, {}),
        ("lamp " * 2_000, {}),
        ("lamp", {"first": 101}),
        ("lamp", {"first": -1}),
        ("lamp", {"first": 1, "last": 1}),
        ("lamp", {"where": {"brands": too_many}}),
        ("lamp", {"where": {"prices": [{"minimum": "1.234"}]}}),
        ("lamp", {"where": {"prices": [{"minimum": "99999999999999999999"}]}}),
        ("lamp", {"where": {"prices": [{"minimum": "1"}] * 21}}),
        ("lamp", {"where": {"minimumRating": 0}}),
        ("lamp", {"where": {"minimumRating": 6}}),
        ("lamp", {"where": {"attributes": [{"slug": f"a{n}", "values": []} for n in range(6)]}}),
        ("lamp", {"where": {"attributes": [{"slug": "a", "values": ["x"] * 21}]}}),
        ("lamp", {"where": {"attributes": [{"slug": "a", "values": []}] * 2}}),
    ]

    codes = {str(each)[:60]: await code_of(ask, each[0], **each[1]) for each in refused}

    assert {code for code, _ in codes.values()} == {"BAD_USER_INPUT"}, codes


async def test_the_index_is_read_again_after_a_change(
    ask: Ask, db: Database, reader: Reader, scene: Scene
) -> None:
    await withdraw(db, scene.products["desk"])
    await index(db, reader)

    assert (await searched(ask, "desk"))["totalCount"]["count"] == 0
