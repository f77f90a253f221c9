"""How many statements a question costs, and how many shapes they have."""

from dataclasses import replace

import pytest

from core.db import counted
from search.question import Choices, Need, Part, PriceRange, Question, Ranking, SortKey
from search.standin import Standin
from search.standin.statement import query_of
from search.words import parse
from tests.search.catalogue import BRANDS, CATEGORIES, MERCHANTS, id_of
from tests.search.contract.things import thing
from tests.search.standin.conftest import Put

CHOICES = Choices(
    categories=frozenset({CATEGORIES["lamps"], CATEGORIES["kitchen"]}),
    brands=frozenset({BRANDS["Hanami"]}),
    merchants=frozenset(MERCHANTS.values()),
    prices=(PriceRange(None, 100_000),),
    in_stock=True,
    minimum_rating=100,
    attributes={"color": frozenset({"white", "black"})},
)
EVERYTHING = Question(parse("茶壶"), choices=CHOICES, needs=frozenset(Need))


@pytest.mark.parametrize(
    "question",
    [
        EVERYTHING,
        EVERYTHING.needing(Need.HITS),
        EVERYTHING.needing(Need.COUNT),
        EVERYTHING.needing(Need.FACETS),
        replace(EVERYTHING, words=parse("")),
        replace(EVERYTHING, words=parse("han lamp kettle 12 灯"), sort=SortKey.PRICE),
    ],
)
async def test_a_question_is_one_statement_whatever_is_needed(
    standin: Standin, question: Question
) -> None:
    await standin.search(question)  # knows near words from here on

    with counted() as statements:
        await standin.search(question)

    assert len(statements) == 1


async def test_new_words_cost_one_statement_more(standin: Standin) -> None:
    await standin.search(Question(parse("another")))

    with counted() as statements:
        await standin.search(Question(parse("several words that nobody asked for before")))

    assert len(statements) == 2


async def test_many_questions_are_counted_in_one_statement(standin: Standin) -> None:
    questions = [EVERYTHING, Question(parse("灯")), Question(parse("茶"), choices=CHOICES)]

    with counted() as statements:
        counts = await standin.counts(questions)

    assert len(statements) == 1
    assert counts == [1, 7, 1]


async def test_only_what_is_needed_is_in_the_statement(standin: Standin) -> None:
    async def sent(*needs: Need) -> str:
        with counted() as statements:
            await standin.search(EVERYTHING.needing(*needs))
        return statements[-1]

    assert "ts_rank" not in await sent(Need.COUNT)
    assert "ts_rank" not in await sent(Need.FACETS)
    assert "jsonb_object_agg" not in await sent(Need.HITS, Need.COUNT)
    assert "document" not in (await sent(Need.HITS)).replace("search_documents", "")


async def test_choices_and_words_make_no_new_statements(standin: Standin) -> None:
    await standin.search(EVERYTHING)
    before = query_of.cache_info().currsize

    for brand in BRANDS.values():
        more = Choices(brands=frozenset({brand}), attributes={"size": frozenset({"a", "b"})})
        ranking = Ranking(pinned=(id_of("torch"),), buried=frozenset({id_of("cable")}))
        asked = replace(EVERYTHING, words=parse("手机 灯 杯"), choices=more, ranking=ranking)
        await standin.search(asked)

    assert query_of.cache_info().currsize == before


async def test_pages_join_where_many_score_the_same(put: Put) -> None:
    standin = await put([thing("Lamp", units_sold=n // 7) for n in range(50)])
    whole = await standin.search(Question(parse("lamp"), part=Part(50)))
    seen, part = [], Part(8)

    while True:
        page = await standin.search(Question(parse("lamp"), part=part))
        seen += page.hits
        if not page.has_more:
            break
        part = Part(8, page.hits[-1].place)

    assert seen == list(whole.hits)
    assert len({hit.place.value for hit in seen}) < 10
