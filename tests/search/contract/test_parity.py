"""Random small shops and questions: both engines find the same and count the same."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings, strategies as st

from search.answer import PRICE_STEPS, Answer
from search.documents import Document
from search.question import Choices, Need, Part, PriceRange, Question, SortKey
from search.words import parse
from tests.search.contract.conftest import Fill
from tests.search.contract.counts import without_empty
from tests.search.contract.things import days_later, id_of, thing

# No two begin with the same letter, so that no typing error makes one of another.
WORDS = ("willow", "granite", "copper", "velvet", "bamboo", "kayak", "茶壶", "灯", "42")
PRICES = sorted({price for step in PRICE_STEPS[:12] for price in (step, step + 1, step * 3)})
RATINGS = (0, 99, 100, 250, 399, 400, 500)
COLOURS, SIZES = ("red", "blue"), ("s", "m", "l")

texts = st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(" ".join)


def ids(kind: str, most: int = 3) -> st.SearchStrategy[UUID]:
    return st.integers(1, most).map(lambda number: id_of(kind, number))


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    return [
        replace(
            thing(
                f"{draw(texts)} thing",
                number=number,
                summary=draw(texts),
                description=draw(texts),
                categories=draw(paths),
                attributes={"colour": draw(some(COLOURS)), "size": draw(some(SIZES))},
            ),
            merchant_id=draw(ids("merchant")),
            brand_id=draw(st.none() | ids("brand")),
            product_type_id=draw(st.none() | ids("type")),
            price_minor=draw(st.sampled_from(PRICES)),
            in_stock=draw(st.booleans()),
            rating=draw(st.sampled_from(RATINGS)),
            units_sold=draw(st.integers(0, 3)),
            published_at=days_later(draw(st.integers(0, 2))),
        )
        for number in range(1, draw(st.integers(1, 12)))
    ]


def some(values: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


paths = st.sampled_from(
    [
        (),
        ((1, "Home"),),
        ((1, "Home"), (2, "Garden")),
        ((1, "Home"), (3, "Office")),
        ((4, "Elsewhere"),),
    ]
)
ranges = st.builds(
    PriceRange,
    st.none() | st.sampled_from(PRICES),
    st.none() | st.sampled_from(PRICES),
)
choices = st.builds(
    Choices,
    categories=st.frozensets(ids("category", 4), max_size=2),
    brands=st.frozensets(ids("brand"), max_size=2),
    merchants=st.frozensets(ids("merchant"), max_size=2),
    product_types=st.frozensets(ids("type"), max_size=1),
    prices=st.lists(ranges, max_size=2).map(tuple),
    in_stock=st.none() | st.booleans(),
    minimum_rating=st.none() | st.sampled_from((100, 300, 400)),
    attributes=st.fixed_dictionaries(
        {},
        optional={
            "colour": st.frozensets(st.sampled_from(COLOURS), min_size=1),
            "size": st.frozensets(st.sampled_from(SIZES), min_size=1),
        },
    ),
)
questions = st.builds(
    Question,
    words=st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join).map(parse),
    choices=choices,
    sort=st.sampled_from(SortKey),
    descending=st.none() | st.booleans(),
    part=st.builds(Part, st.integers(1, 8), backwards=st.booleans()),
    language=st.sampled_from(("en", "zh-Hans")),
    needs=st.just(frozenset(Need)),
)


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "200")) // 10,
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(shop=documents(), asked=st.lists(questions, min_size=4, max_size=8))
async def test_both_engines_agree(
    fills: Sequence[Fill], shop: list[Document], asked: list[Question]
) -> None:
    elastic, standin = [(await fill(shop)).engine for fill in fills]

    for question in asked:
        answers = [await engine.search(question) for engine in (elastic, standin)]
        first, second = [told(answer, question) for answer in answers]
        assert first == second, question
    assert await elastic.counts(asked) == await standin.counts(asked)


def told(answer: Answer, question: Question) -> dict[str, Any]:
    """What has to be the same: by relevance, the order of a part that is not the whole is not."""
    hits = [hit.id for hit in answer.hits]
    places = [hit.place for hit in answer.hits]
    assert answer.facets is not None
    said = {
        "total": answer.total,
        "has_more": answer.has_more,
        "number": len(hits),
        "facets": without_empty(answer.facets),
    }
    if question.sort is not SortKey.RELEVANCE:
        return {**said, "hits": hits, "places": places}
    return {**said, "hits": set() if answer.has_more else {*hits}}
