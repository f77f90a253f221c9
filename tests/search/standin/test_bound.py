"""Words that match more products than a search looks at."""

from collections.abc import Mapping

import asyncpg
import pytest

from core.db import Reader, counted
from search.answer import COUNT_LIMIT
from search.question import Choices, Need, Question, SortKey
from search.standin import Standin
from search.standin.faceting import FACET_VALUES
from search.standin.statement import BOUND
from search.words import parse
from tests.search.contract.things import thing
from tests.search.standin.conftest import Put

# So many products of one word; the last ones sell best.
PRODUCTS = """
INSERT INTO search_documents (
    product_id, version, is_listed, document, category_ids, attributes, codes, price_minor,
    in_stock, rating, units_sold, standing, ranked, terms
)
SELECT lpad(to_hex(n), 32, '0')::uuid, n, true, '{}', '{}', '{}', '{}', n, true, 0, n / 1000,
       1 + ln(1 + n / 1000), '''oak'':1A',
       ('''*'' ''oak'' ''^' || floor(log(2, 1 + n / 1000)) || '''')::tsvector
FROM generate_series(1, $1::int) AS n
"""
ALL_BUT_COUNT = frozenset({Need.HITS, Need.COUNT, Need.FACETS})


@pytest.fixture
async def standin(reader: Reader, cleaner: asyncpg.Connection, clean: None) -> Standin:
    await cleaner.execute(PRODUCTS, BOUND + 3_000)
    await cleaner.execute("ANALYZE search_documents")
    return Standin(reader)


@pytest.mark.parametrize("text", ["oak", ""])
async def test_the_best_sellers_are_looked_at_and_the_answer_says_so(
    standin: Standin, text: str
) -> None:
    answer = await standin.search(Question(parse(text), needs=ALL_BUT_COUNT))

    assert not answer.is_exact
    assert answer.total == COUNT_LIMIT + 1
    assert answer.hits[0].id.int >= BOUND + 2_000
    assert answer.facets is not None
    assert answer.facets.availability == {True: BOUND}


async def test_other_orders_are_those_of_the_best_sellers(standin: Standin) -> None:
    answer = await standin.search(Question(parse("oak"), sort=SortKey.BEST_SELLING))

    assert answer.hits[0].id.int == BOUND + 3_000
    assert not answer.is_exact


async def test_words_once_known_to_find_too_much_cost_one_statement(standin: Standin) -> None:
    question = Question(parse("oak"), needs=ALL_BUT_COUNT)
    with counted() as at_first:
        first = await standin.search(question)

    with counted() as statements:
        again = await standin.search(question)

    assert (again.hits, again.facets) == (first.hits, first.facets)
    assert (len(at_first), len(statements)) == (2, 1)


async def test_fewer_are_answered_exactly_even_by_words_that_find_too_much(
    standin: Standin,
) -> None:
    await standin.search(Question(parse("oak")))
    rated = Question(parse("oak"), choices=Choices(minimum_rating=1), needs=ALL_BUT_COUNT)

    answer = await standin.search(rated)

    assert answer.is_exact
    assert answer.total == 0
    assert answer.facets is not None
    assert answer.facets.availability == {}


async def test_a_total_needs_no_order(standin: Standin) -> None:
    with counted() as statements:
        answer = await standin.search(Question(parse("oak"), needs=frozenset({Need.COUNT})))

    assert answer.total == COUNT_LIMIT + 1
    assert len(statements) == 1


async def test_a_chosen_value_is_counted_however_few_have_it(put: Put) -> None:
    values = [f"v{number:04}" for number in range(FACET_VALUES + 5)]
    rare = thing("Rare", attributes={"kind": ["zzz"]})
    standin = await put([thing("All", attributes={"kind": values}), rare, thing("Else")])
    choices = Choices(attributes={"kind": frozenset({"zzz"})})

    async def kinds(choices: Choices) -> Mapping[str, int]:
        asked = Question(parse(""), choices=choices, needs=frozenset({Need.FACETS}))
        answer = await standin.search(asked)
        assert answer.facets is not None
        return answer.facets.attributes["kind"]

    assert len(await kinds(Choices())) == FACET_VALUES
    assert "zzz" not in await kinds(Choices())
    assert (await kinds(choices))["zzz"] == 1
