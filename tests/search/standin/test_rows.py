"""What is written of documents, and what of those that are gone."""

from uuid import UUID

import asyncpg
import orjson
import pytest

from core.db import Database, counted
from core.ids import new_id
from search.documents import from_json
from search.question import Choices, Question
from search.standin import Standin
from search.standin.rows import write
from search.words import parse
from tests.search import catalogue
from tests.search.catalogue import PRODUCTS, changed, keys_of
from tests.search.contract.things import thing
from tests.search.standin.conftest import Put

LAMP = PRODUCTS["desk_lamp"]


async def versions(connection: asyncpg.Connection, table: str) -> dict[UUID, int]:
    rows = await connection.fetch(f"SELECT product_id, version FROM {table}")
    return {row["product_id"]: row["version"] for row in rows}


async def test_a_document_is_kept_whole(db: Database, cleaner: asyncpg.Connection) -> None:
    async with db.transaction() as session:
        await write(session, catalogue.DOCUMENTS, [], push=False)

    rows = await cleaner.fetch(
        "SELECT document::text, is_listed FROM search_documents ORDER BY product_id"
    )
    assert all(row["is_listed"] for row in rows)
    assert [from_json(orjson.loads(row["document"])) for row in rows] == catalogue.DOCUMENTS


async def test_what_is_written_later_has_a_later_version(
    db: Database, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        await write(session, catalogue.DOCUMENTS, [], push=True)
    before = await versions(cleaner, "search_documents")

    async with db.transaction() as session:
        await write(session, [LAMP], [], push=True)

    after = await versions(cleaner, "search_documents")
    assert after.pop(LAMP.product_id) > max(before.values())
    assert after == {key: n for key, n in before.items() if key != LAMP.product_id}
    assert await versions(cleaner, "search_pushes") == await versions(cleaner, "search_documents")


async def test_without_elasticsearch_nothing_waits_for_it(
    db: Database, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        await write(session, [LAMP], [], push=False)
        await write(session, [], [LAMP.product_id], push=False)

    assert await versions(cleaner, "search_pushes") == {}


async def test_what_is_gone_is_a_tombstone_that_nothing_finds(
    db: Database, standin: Standin, cleaner: asyncpg.Connection
) -> None:
    before = await versions(cleaner, "search_documents")
    assert await found(standin, "brass desk lamp") == ["desk_lamp"]

    async with db.transaction() as session:
        await write(session, [], [LAMP.product_id], push=True)

    assert await found(standin, "brass desk lamp") == []
    assert await found(standin, LAMP.codes[0]) == []
    assert "desk_lamp" not in await found(standin, "")
    row = await cleaner.fetchrow(
        "SELECT version, is_listed, document::text, terms::text, ranked::text, codes"
        " FROM search_documents WHERE product_id = $1",
        LAMP.product_id,
    )
    assert tuple(row)[1:] == (False, "{}", "", "", [])
    assert row["version"] > max(before.values())
    assert await versions(cleaner, "search_pushes") == {LAMP.product_id: row["version"]}


async def test_what_is_gone_already_is_left_as_it_is(
    db: Database, standin: Standin, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        await write(session, [], [LAMP.product_id], push=False)
    before = await versions(cleaner, "search_documents")

    async with db.transaction() as session:
        await write(session, [], [LAMP.product_id], push=True)

    assert await versions(cleaner, "search_documents") == before
    assert await versions(cleaner, "search_pushes") == {}


async def test_a_product_that_was_never_there_leaves_no_tombstone(
    db: Database, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        await write(session, [], [new_id()], push=True)

    assert await versions(cleaner, "search_documents") == {}
    assert await versions(cleaner, "search_pushes") == {}


async def test_a_tombstone_comes_back_to_life(db: Database, standin: Standin) -> None:
    async with db.transaction() as session:
        await write(session, [], [LAMP.product_id], push=False)

    async with db.transaction() as session:
        await write(session, [LAMP], [], push=False)

    assert await found(standin, "brass desk lamp") == ["desk_lamp"]


async def test_a_changed_document_is_found_by_its_new_words_only(
    db: Database, standin: Standin
) -> None:
    async with db.transaction() as session:
        renamed = changed("desk_lamp", names={"en": "Copper Reading Light"}, codes=["new1"])
        await write(session, [renamed], [], push=False)

    assert await found(standin, "copper reading light") == ["desk_lamp"]
    assert await found(standin, "new1") == ["desk_lamp"]
    assert await found(standin, "台灯") == []
    assert await found(standin, "LMP-DESK-01") == []


@pytest.mark.parametrize("number", [1, 40])
async def test_the_number_of_statements_does_not_depend_on_the_documents(
    db: Database, number: int
) -> None:
    async with db.transaction() as session:
        with counted() as statements:
            documents = catalogue.DOCUMENTS[:number]
            await write(session, documents, [new_id(), new_id()], push=True)

    assert len(statements) == 3


async def test_words_of_letters_are_remembered(db: Database, cleaner: asyncpg.Connection) -> None:
    document = thing(
        "Brass lamp no. 12 A3 ok women's",
        zh="黄铜台灯 LED",
        brand="Aurora",
        summary="Hidden.",
        description="Hidden.",
        categories=[(1, "Home")],
        attributes={"finish": ["Matt", "x" * 33]},
        codes=["abcdef"],
    )

    async with db.transaction() as session:
        await write(session, [document], [], push=False)
        await write(session, [document], [], push=False)

    words = await cleaner.fetch("SELECT word FROM search_words ORDER BY word")
    assert [row["word"] for row in words] == ["aurora", "brass", "home", "lamp", "led", "matt"]


async def test_odd_codes_and_values_are_written_as_they_are(put: Put) -> None:
    odd = """it's a "code" & | ! ( :* <-> 灯\\"""
    standin = await put([thing("Odd", codes=[odd], attributes={"odd": [odd]}), thing("Even")])
    chosen = Choices(attributes={"odd": frozenset({odd})})

    by_code = await standin.search(Question(parse(odd)))
    by_value = await standin.search(Question(parse(""), choices=chosen))

    assert len(by_code.hits) == len(by_value.hits) == 1


async def test_what_is_read_of_every_match_stays_in_the_row(cleaner: asyncpg.Connection) -> None:
    rows = await cleaner.fetch(
        "SELECT attname, attstorage FROM pg_attribute"
        " WHERE attrelid = 'search_documents'::regclass AND attstorage <> 'p' AND attnum > 0"
    )

    storage = {row["attname"]: row["attstorage"] for row in rows}

    in_the_row = {name for name, kind in storage.items() if kind == b"m"}
    assert in_the_row == {"ranked", "attributes", "category_ids"}


async def found(standin: Standin, text: str) -> list[str]:
    return keys_of((await standin.search(Question(parse(text)))).hits)
