"""Rules: what staff puts first, higher or last."""

import asyncio
from typing import Any

import asyncpg
import pytest

from core.db import Database
from tests.asking import Ask
from tests.factories.catalog import make_product
from tests.search.api.operations import searched
from tests.search.api.scene import Scene
from tests.search.api.test_vocabulary import keeper, told

__all__ = ["keeper"]  # the fixture

RULE = """id query isActive version pinned { productId product { id } factor }
  boosted { productId factor } buried { productId }"""
UPSERT = f"""mutation($input: SearchRuleUpsertInput!) {{ searchRuleUpsert(input: $input) {{
  rule {{ {RULE} }} userErrors {{ code message field }} }} }}"""
DELETE = """mutation($input: SearchRuleDeleteInput!) { searchRuleDelete(input: $input) {
  deletedRuleId userErrors { code field } } }"""
LIST = """query($where: SearchRuleWhere, $sort: SearchRuleSort, $first: Int, $after: String) {
  searchRules(where: $where, sortBy: $sort, first: $first, after: $after) {
    nodes { query } pageInfo { endCursor } totalCount { count } } }"""


async def put(keeper: Ask, query: str, **given: Any) -> dict[str, Any]:
    answer = await keeper(UPSERT, input={"query": query, **given})
    payload: dict[str, Any] = answer["searchRuleUpsert"]
    return payload


async def test_a_pinned_product_comes_first_even_without_the_words(
    keeper: Ask, ask: Ask, scene: Scene
) -> None:
    await put(keeper, "Lamp", pinned=[scene.id("product", "mug"), scene.id("product", "floor")])

    found = await searched(ask, "lamp")

    assert scene.keys(found["nodes"])[:2] == ["mug", "floor"]
    assert {*scene.keys(found["nodes"])} == {"mug", "floor", "desk", "reading"}
    by_price = await searched(ask, "lamp", sort={"key": "PRICE"})
    assert scene.keys(by_price["nodes"]) == ["reading", "desk", "floor"]


async def test_boosted_products_come_higher_and_buried_ones_last(
    keeper: Ask, ask: Ask, scene: Scene
) -> None:
    before = scene.keys((await searched(ask, "lamp"))["nodes"])
    worst, best = before[-1], before[0]

    await put(
        keeper,
        "lamp",
        boosted=[{"productId": scene.id("product", worst), "factor": 10}],
        buried=[scene.id("product", best)],
    )

    after = scene.keys((await searched(ask, "LAMP "))["nodes"])
    assert (after[0], after[-1]) == (worst, best)


async def test_a_rule_counts_for_its_query_and_while_it_is_active(
    keeper: Ask, ask: Ask, scene: Scene
) -> None:
    await put(keeper, "lamp", pinned=[scene.id("product", "mug")])

    assert "mug" not in scene.keys((await searched(ask, "desk lamp"))["nodes"])
    await put(keeper, "lamp", isActive=False)
    assert "mug" not in scene.keys((await searched(ask, "lamp"))["nodes"])


async def test_what_is_left_out_stays_and_the_same_again_changes_nothing(
    keeper: Ask, scene: Scene, cleaner: asyncpg.Connection
) -> None:
    pinned = [scene.id("product", "mug")]
    made = await put(keeper, "T-Shirt", pinned=pinned)
    boosted = [{"productId": scene.id("product", "shirt"), "factor": 1.5}]

    changed = await put(keeper, "t shirt", boosted=boosted, expectedVersion=1)
    again = await put(keeper, "t  SHIRT", pinned=pinned, boosted=boosted)

    assert made["rule"]["query"] == "t shirt"
    assert changed["rule"]["id"] == made["rule"]["id"]
    assert changed["rule"] == again["rule"]
    assert changed["rule"]["version"] == 2
    assert [each["productId"] for each in changed["rule"]["pinned"]] == pinned
    assert changed["rule"]["boosted"] == boosted
    events, entries = await told(cleaner)
    assert events == ["SearchRuleChanged"] * 2
    assert entries == ["SEARCH_RULE_CHANGED"] * 2


async def test_many_who_make_the_same_rule_at_once_make_one(
    keeper: Ask, scene: Scene, cleaner: asyncpg.Connection
) -> None:
    products = [scene.id("product", name) for name in scene.products]

    made = await asyncio.gather(*(put(keeper, "lamp", pinned=[each]) for each in products))

    assert [each["userErrors"] for each in made] == [[]] * len(products)
    assert len({each["rule"]["id"] for each in made}) == 1
    assert await cleaner.fetchval("SELECT version FROM search_rules") == len(products)


async def test_a_deleted_rule_counts_no_more(
    keeper: Ask, ask: Ask, scene: Scene, cleaner: asyncpg.Connection
) -> None:
    rule = (await put(keeper, "lamp", pinned=[scene.id("product", "mug")]))["rule"]

    gone = (await keeper(DELETE, input={"id": rule["id"]}))["searchRuleDelete"]
    again = (await keeper(DELETE, input={"id": rule["id"]}))["searchRuleDelete"]

    assert gone == {"deletedRuleId": rule["id"], "userErrors": []}
    assert again["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    assert "mug" not in scene.keys((await searched(ask, "lamp"))["nodes"])
    assert await told(cleaner) == (
        ["SearchRuleChanged", "SearchRuleDeleted"],
        ["SEARCH_RULE_CHANGED", "SEARCH_RULE_DELETED"],
    )


async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    keeper: Ask, scene: Scene, cleaner: asyncpg.Connection
) -> None:
    mug, desk = scene.id("product", "mug"), scene.id("product", "desk")
    unknown = "product_00000000000070008000000000000000"
    refused: list[tuple[str, dict[str, Any], str, list[str]]] = [
        ("?!", {"pinned": [mug]}, "INVALID_INPUT", ["query"]),
        ("x" * 201, {"pinned": [mug]}, "INVALID_INPUT", ["query"]),
        ("lamp", {"pinned": ["nonsense"]}, "NOT_FOUND", ["pinned", "0"]),
        ("lamp", {"pinned": [mug, unknown]}, "NOT_FOUND", ["pinned", "1"]),
        ("lamp", {"pinned": [mug, mug]}, "INVALID_INPUT", ["pinned"]),
        ("lamp", {"pinned": [mug], "buried": [mug]}, "INVALID_INPUT", ["buried"]),
        ("lamp", {"boosted": [{"productId": desk, "factor": 10.01}]}, "INVALID_INPUT", ["boosted"]),
        ("lamp", {"boosted": [{"productId": desk, "factor": -1}]}, "INVALID_INPUT", ["boosted"]),
        ("lamp", {"boosted": [{"productId": desk, "factor": 1e300}]}, "INVALID_INPUT", ["boosted"]),
        ("lamp", {"boosted": [{"productId": desk, "factor": 2}] * 2}, "INVALID_INPUT", ["boosted"]),
        ("lamp", {"boosted": [{"productId": unknown, "factor": 2}]}, "NOT_FOUND",
         ["boosted", "0", "productId"]),
        ("lamp", {"expectedVersion": 7}, "VERSION_CONFLICT", ["expectedVersion"]),
    ]  # fmt: skip

    for query, given, code, field in refused:
        payload = await put(keeper, query, **given)

        assert payload["rule"] is None
        errors = [(each["code"], each["field"]) for each in payload["userErrors"]]
        assert (code, field) in errors, (query, given)
    assert await cleaner.fetchval("SELECT count(*) FROM search_rules") == 0
    assert await told(cleaner) == ([], [])


async def test_there_may_be_so_many_products_and_rules(
    keeper: Ask, db: Database, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.transaction() as session:
        many = [f"product_{(await make_product(session)).id.hex}" for _ in range(21)]
    monkeypatch.setattr("services.search.rules.MAX_RULES", 1)

    too_long = await put(keeper, "lamp", pinned=many)
    await put(keeper, "lamp", pinned=many[:20])
    too_many = await put(keeper, "mug", pinned=many[:1])

    assert too_long["userErrors"][0]["field"] == ["pinned"]
    assert too_many["userErrors"][0]["code"] == "TOO_MANY_SEARCH_RULES"
    assert (await keeper(LIST))["searchRules"]["totalCount"]["count"] == 1


async def test_rules_are_listed_page_by_page(keeper: Ask, scene: Scene) -> None:
    for query in ("lamp", "lamp red", "mug"):
        await put(keeper, query, isActive=query != "mug")

    first = (await keeper(LIST, first=2))["searchRules"]
    rest = (await keeper(LIST, first=2, after=first["pageInfo"]["endCursor"]))["searchRules"]
    lamps = (await keeper(LIST, where={"query": "Lamp"}))["searchRules"]
    off = (await keeper(LIST, where={"isActive": False}))["searchRules"]
    last_changed = (await keeper(LIST, sort={"key": "CHANGED"}))["searchRules"]

    assert [each["query"] for each in first["nodes"]] == ["lamp", "lamp red"]
    assert [each["query"] for each in rest["nodes"]] == ["mug"]
    assert [each["query"] for each in lamps["nodes"]] == ["lamp", "lamp red"]
    assert [each["query"] for each in off["nodes"]] == ["mug"]
    assert [each["query"] for each in last_changed["nodes"]] == ["mug", "lamp red", "lamp"]
