"""Cursors of searches: what they lead on from, and which are refused."""

import base64
from typing import Any

import orjson
import pytest

from resolvers.cursors import encoded
from tests.asking import Ask
from tests.search.api.operations import SEARCH, code_of, searched
from tests.search.api.scene import Scene

PARTS = ("engine", "fingerprint", "value", "id")


def parts_of(cursor: str) -> list[Any]:
    parts: list[Any] = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return parts


def forged(cursor: str, **other: Any) -> str:
    parts = dict(zip(PARTS, parts_of(cursor), strict=True)) | other
    return encoded(*parts.values())


async def cursor_of(ask: Ask, **variables: Any) -> str:
    found = await searched(ask, "lamp", first=1, **variables)
    cursor: str = found["pageInfo"]["endCursor"]
    return cursor


async def test_a_cursor_names_its_engine(ask: Ask, scene: Scene) -> None:
    assert parts_of(await cursor_of(ask))[0] == "postgresql"


async def test_a_cursor_of_the_other_engine_is_refused(ask: Ask, scene: Scene) -> None:
    cursor = forged(await cursor_of(ask), engine="elasticsearch")

    code, message = await code_of(ask, "lamp", after=cursor)

    assert code == "BAD_USER_INPUT"
    assert "another search engine" in message


@pytest.mark.parametrize(
    "other",
    [
        {"words": "mug"},
        {"where": {"inStock": True}},
        {"where": {"attributes": [{"slug": "color", "values": ["red"]}]}},
        {"sort": {"key": "PRICE"}},
        {"sort": {"key": "RELEVANCE", "direction": "ASC"}},
    ],
)
async def test_a_cursor_of_another_list_is_refused(
    ask: Ask, scene: Scene, other: dict[str, Any]
) -> None:
    cursor = await cursor_of(ask)

    answer = await ask.answer(SEARCH, **{"words": "lamp", "after": cursor, **other})

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_cursor_of_relevance_belongs_to_its_language(ask: Ask, scene: Scene) -> None:
    chinese = SEARCH.replace("query(", "query Q(", 1).replace(
        ") {\n  searchProducts", ') @inContext(language: "zh-Hans") {\n  searchProducts', 1
    )
    cursor, by_price = await cursor_of(ask), await cursor_of(ask, sort={"key": "PRICE"})

    refused = await ask.answer(chinese, words="lamp", after=cursor)
    taken = await ask.answer(chinese, words="lamp", sort={"key": "PRICE"}, after=by_price)

    assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "errors" not in taken


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("RELEVANCE", "high"),
        ("RELEVANCE", True),
        ("RELEVANCE", 1e300),
        ("RELEVANCE", None),
        ("PRICE", 1.5),
        ("PRICE", 2**63),
        ("PRICE", "12"),
        ("RATING", 2**31),
        ("RATING", -1),
        ("NEWEST", 0),
        ("NEWEST", "yesterday"),
        ("NEWEST", "0001-01-01T00:00:00+23:00"),
        ("BEST_SELLING", 2**64 - 1),
        ("BEST_SELLING", []),
    ],
)
async def test_a_forged_place_is_refused(ask: Ask, scene: Scene, sort: str, value: Any) -> None:
    cursor = forged(await cursor_of(ask, sort={"key": sort}), value=value)

    code, message = await code_of(ask, "lamp", sort={"key": sort}, after=cursor)

    assert (code, message) == ("BAD_USER_INPUT", "The cursor is not one of ours.")


@pytest.mark.parametrize(
    "cursor", ["", "forged", "x" * 2_000, "W10", "e30", "NQ", "bnVsbA", "WzEsMiwzLDRd", "💡"]
)
async def test_what_is_no_cursor_is_refused(ask: Ask, scene: Scene, cursor: str) -> None:
    for variables in ({"first": 1, "after": cursor}, {"last": 1, "before": cursor}):
        code, message = await code_of(ask, "lamp", **variables)

        assert (code, message) == ("BAD_USER_INPUT", "The cursor is not one of ours.")


async def test_a_page_goes_on_where_a_product_is_gone(ask: Ask, scene: Scene) -> None:
    cursor = forged(await cursor_of(ask, sort={"key": "PRICE"}), value=3_000, id="f" * 32)

    found = await searched(ask, "lamp", sort={"key": "PRICE"}, after=cursor)

    assert scene.keys(found["nodes"]) == ["desk", "floor"]
    assert found["pageInfo"]["hasPreviousPage"] is True
