"""Synonyms and stop words, kept by the platform's staff."""

from typing import Any

import asyncpg
import orjson
import pytest

from auth.tokens import Tokens
from core.db import Database
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in
from tests.search.api.operations import searched
from tests.search.api.scene import Scene

SET = """mutation($input: SearchSynonymsSetInput!) { searchSynonymsSet(input: $input) {
  vocabulary { synonyms { phrases typed } stopWords version }
  userErrors { code message field } } }"""
READ = """{ searchVocabulary { synonyms { phrases typed } stopWords version updatedAt } }"""
NOTHING: dict[str, Any] = {"synonyms": [], "stopWords": []}


@pytest.fixture
async def keeper(db: Database, ask: Ask, tokens: Tokens) -> Ask:
    """Somebody of the platform who keeps what products are sorted into."""
    async with db.transaction() as session:
        user = await make_user(session, platform=("MANAGE_TAXONOMY",))
        return ask.as_(await sign_in(session, tokens, user))


async def put(keeper: Ask, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await keeper(SET, input={**NOTHING, **given}))["searchSynonymsSet"]
    return answer


async def test_before_anything_was_set_there_is_nothing(keeper: Ask) -> None:
    found = (await keeper(READ))["searchVocabulary"]

    assert found == {"synonyms": [], "stopWords": [], "version": 1, "updatedAt": None}


async def test_synonyms_are_found_at_once(keeper: Ask, ask: Ask, scene: Scene) -> None:
    assert (await searched(ask, "cup"))["nodes"] == []

    await put(keeper, synonyms=[{"phrases": ["Cup", "mug"]}])

    assert scene.keys((await searched(ask, "cup"))["nodes"]) == ["mug"]
    assert scene.keys((await searched(ask, "blue cup"))["nodes"]) == ["mug"]
    assert scene.keys((await searched(ask, "mug"))["nodes"]) == ["mug"]


async def test_what_is_typed_for_others_works_one_way(keeper: Ask, ask: Ask, scene: Scene) -> None:
    await put(keeper, synonyms=[{"typed": "drinkware", "phrases": ["mug", "steel kettle"]}])

    assert {*scene.keys((await searched(ask, "drinkware"))["nodes"])} == {"mug", "kettle"}
    assert scene.keys((await searched(ask, "mug"))["nodes"]) == ["mug"]


async def test_stop_words_are_not_searched_for_beside_others(
    keeper: Ask, ask: Ask, scene: Scene
) -> None:
    assert (await searched(ask, "lamp for the desk"))["nodes"] == []

    await put(keeper, stopWords=["for", "The"])

    assert scene.keys((await searched(ask, "lamp for the desk"))["nodes"]) == ["desk"]


async def test_the_whole_set_is_replaced_and_normalised(keeper: Ask) -> None:
    first = await put(keeper, synonyms=[{"phrases": ["a", "b"]}], stopWords=["x"])
    second = await put(
        keeper,
        synonyms=[{"phrases": ["  T-Shirt ", "TEE", "tee!"]}, {"typed": "灯", "phrases": ["lamp"]}],
        stopWords=["y", "Y"],
    )

    assert first["vocabulary"]["version"] == 2
    assert second["vocabulary"] == {
        "synonyms": [{"phrases": ["t shirt", "tee"], "typed": None},
                     {"phrases": ["lamp"], "typed": "灯"}],
        "stopWords": ["y"],
        "version": 3,
    }  # fmt: skip


async def test_the_same_again_changes_nothing(keeper: Ask, cleaner: asyncpg.Connection) -> None:
    given = {"synonyms": [{"phrases": ["cup", "mug"]}], "stopWords": ["the", "a"]}
    await put(keeper, **given)

    again = await put(keeper, synonyms=[{"phrases": ["Mug", "cup"]}] * 2, stopWords=["a", "the"])

    assert again["vocabulary"]["version"] == 2
    assert await told(cleaner) == (["SearchVocabularyChanged"], ["SEARCH_VOCABULARY_CHANGED"])


async def told(cleaner: asyncpg.Connection) -> tuple[list[str], list[str]]:
    """The kinds of events, and the actions in the audit log."""
    events = await cleaner.fetch("SELECT kind FROM outbox WHERE kind LIKE 'Search%' ORDER BY id")
    entries = await cleaner.fetch(
        "SELECT action FROM audit_entries WHERE action LIKE 'SEARCH%' ORDER BY id"
    )
    return [row["kind"] for row in events], [row["action"] for row in entries]


async def test_the_log_tells_what_came_and_what_went(
    keeper: Ask, cleaner: asyncpg.Connection
) -> None:
    await put(keeper, synonyms=[{"phrases": ["cup", "mug"]}], stopWords=["the"])
    await put(keeper, synonyms=[{"phrases": ["cup", "beaker"]}], stopWords=["the"])

    *_, entry = await cleaner.fetch(
        "SELECT before, after FROM audit_entries WHERE action LIKE 'SEARCH%' ORDER BY id"
    )
    assert orjson.loads(entry["before"]) == {
        "synonyms": [{"phrases": ["cup", "mug"], "typed": None}],
        "stop_words": [],
    }
    assert orjson.loads(entry["after"])["synonyms"] == [
        {"phrases": ["beaker", "cup"], "typed": None}
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"synonyms": [{"phrases": ["cup"]}]}, ["synonyms", "0", "phrases"]),
        ({"synonyms": [{"phrases": ["cup", "Cup!"]}]}, ["synonyms", "0", "phrases"]),
        ({"synonyms": [{"phrases": [f"p{n}" for n in range(9)]}]}, ["synonyms", "0", "phrases"]),
        ({"synonyms": [{"phrases": ["a", "b"]}, {"phrases": ["a", "?!"]}]},
         ["synonyms", "1", "phrases", "1"]),
        ({"synonyms": [{"phrases": ["a", "one two three four five six"]}]},
         ["synonyms", "0", "phrases", "1"]),
        ({"synonyms": [{"phrases": ["a", "x" * 101]}]}, ["synonyms", "0", "phrases", "1"]),
        ({"synonyms": [{"typed": "mug", "phrases": ["mug"]}]}, ["synonyms", "0", "typed"]),
        ({"synonyms": [{"typed": "", "phrases": ["mug"]}]}, ["synonyms", "0", "typed"]),
        ({"synonyms": [{"phrases": ["a", "b"]}] * 1_001}, ["synonyms"]),
        ({"stopWords": ["of the"]}, ["stopWords", "0"]),
        ({"stopWords": ["the", "x" * 51]}, ["stopWords", "1"]),
        ({"stopWords": ["x"] * 501}, ["stopWords"]),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    keeper: Ask, cleaner: asyncpg.Connection, given: dict[str, Any], field: list[str]
) -> None:
    await put(keeper, synonyms=[{"phrases": ["cup", "mug"]}])

    refused = await put(keeper, **given)

    assert refused["vocabulary"] is None
    assert (refused["userErrors"][0]["code"], refused["userErrors"][0]["field"]) == (
        "INVALID_INPUT",
        field,
    )
    found = (await keeper(READ))["searchVocabulary"]
    assert (found["version"], found["stopWords"]) == (2, [])
    assert found["synonyms"] == [{"phrases": ["cup", "mug"], "typed": None}]
    assert len((await told(cleaner))[0]) == 1


async def test_who_read_an_older_version_is_refused(keeper: Ask) -> None:
    await put(keeper, stopWords=["the"], expectedVersion=1)

    refused = await put(keeper, stopWords=["a"], expectedVersion=1)

    assert refused["userErrors"][0]["code"] == "VERSION_CONFLICT"
    assert (await keeper(READ))["searchVocabulary"]["stopWords"] == ["the"]


async def test_others_may_neither_read_nor_change_it(
    ask: Ask, db: Database, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        user = await make_user(session, platform=("MANAGE_PRODUCTS",))
        other = ask.as_(await sign_in(session, tokens, user))

    answers = [await other.answer(READ), await other.answer(SET, input=NOTHING)]

    assert [each["errors"][0]["extensions"]["code"] for each in answers] == ["FORBIDDEN"] * 2
