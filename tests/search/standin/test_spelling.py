"""Typing errors: which words are near, and what happens without trigrams."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from core.db import Database, Reader, counted, plain_url
from search.question import Need, Question
from search.standin import Standin
from search.standin.rows import write
from search.standin.spelling import Spelling, distance
from search.words import Kind, Word, parse
from tests.search import catalogue
from tests.search.catalogue import keys_of
from tests.search.contract.things import thing
from tests.search.standin.conftest import Put


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ("lamp", "lamp", 0),
        ("lamp", "lump", 1),
        ("lamp", "lmap", 1),
        ("lamp", "lam", 1),
        ("lamp", "lamps", 1),
        ("lamp", "lumps", 2),
        ("lamp", "lmaps", 2),
        ("lamp", "palm", 3),
        ("teapot", "toepat", 3),
        ("porcelain", "porzelein", 2),
        ("lamp", "lampshade", 3),
        ("", "ab", 2),
    ],
)
def test_letters_that_are_wrong_missing_too_many_or_swapped_are_counted(
    one: str, other: str, wrong: int
) -> None:
    assert distance(one, other, 2) == distance(other, one, 2) == wrong


async def test_the_nearest_come_first_and_no_more_than_few(put: Put, reader: Reader) -> None:
    letters = "abcdefghijk"
    await put([thing(" ".join(f"porcel{letter}in" for letter in letters)), thing("porcelan")])

    near = await Spelling(reader).near([Word("porcelain", Kind.WORD), Word("ab", Kind.WORD)])

    assert list(near) == ["porcelain"]
    assert near["porcelain"][0] == "porcelan"
    assert len(near["porcelain"]) == 8
    assert "porcelain" not in near["porcelain"]


async def test_words_are_kept_for_a_moment(standin: Standin) -> None:
    await standin.search(Question(parse("ketle")))

    with counted() as statements:
        await standin.search(Question(parse("ketle")))

    assert len(statements) == 1


async def test_what_is_near_finds_less_than_what_was_typed(put: Put) -> None:
    standin = await put(
        [thing("Kettle", units_sold=1_000_000), thing("Ketle", in_stock=False), thing("Pan")]
    )

    hits = (await standin.search(Question(parse("ketle")))).hits

    assert len(hits) == 2
    assert hits[0].place.value > 100 * hits[1].place.value


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("umina lamp", "lumina lamp"),
        ("sheel kettle", "steel kettle"),
        ("namp", "lamp"),
        ("ummina", "lumina"),
        ("uuuiua", None),
        ("lum", None),
    ],
)
async def test_a_correction_looks_farther_than_a_search(
    put: Put, typed: str, meant: str | None
) -> None:
    standin = await put([thing("Steel kettle"), thing("Lamp", brand="Lumina")])

    corrected = await standin.corrected(parse(typed), "en")

    assert (corrected and corrected.text) == meant


@pytest.mark.parametrize("removed", ["ketle", "kettel"])
async def test_a_word_that_no_product_has_any_more_is_no_correction(
    db: Database, put: Put, removed: str
) -> None:
    kettle = thing("Kettle")
    standin = await put([kettle, thing("Pan")])
    assert await standin.corrected(parse(removed), "en") is not None

    async with db.transaction() as session:
        await write(session, [], [kettle.product_id], push=False)

    assert await standin.corrected(parse(removed), "en") is None


@pytest.fixture
async def without_trigrams(
    fresh_database: Callable[[], Awaitable[str]],
) -> AsyncIterator[Standin]:
    url = await fresh_database()
    connection = await asyncpg.connect(plain_url(url))
    await connection.execute("DROP EXTENSION pg_trgm")
    await connection.close()
    db, reader = Database(url, size=2), Reader(url, size=2)
    await reader.open()
    async with db.transaction() as session:
        await write(session, catalogue.DOCUMENTS, [], push=False)
    yield Standin(reader)
    reader.close()
    await db.close()


async def test_without_trigrams_only_typing_errors_are_missed(
    standin: Standin, without_trigrams: Standin
) -> None:
    for text in ("brass desk lamp", "lam", "茶壶", "LMP-DESK-01", "wireless", "", "öko"):
        question = Question(parse(text), needs=frozenset(Need))
        answers = [await each.search(question) for each in (standin, without_trigrams)]
        with_them, without = [(a.hits, a.total, a.facets, a.highlights) for a in answers]
        assert with_them == without, text

    typo = Question(parse("ketlte"))
    assert keys_of((await standin.search(typo)).hits) == ["tea_kettle"]
    assert (await without_trigrams.search(typo)).hits == []
    assert await without_trigrams.corrected(parse("ketlte"), "en") is None
