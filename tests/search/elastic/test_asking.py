"""Questions as they are sent: data, of a bounded size, and only what is needed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from core.ids import new_id
from search.elastic import asking
from search.question import Choices, Need, Part, Place, PriceRange, Question, Ranking, SortKey
from search.words import MAX_ALTERNATIVES, MAX_CHARACTERS, MAX_WORDS, Vocabulary, parse

ALL = frozenset(Need)
CLAUSES = 1_024  # more terms than this Elasticsearch may refuse
DANGEROUS = {
    "query_string",
    "simple_query_string",
    "regexp",
    "wildcard",
    "prefix",
    "script",
    "fuzzy",
}


def every(body: Any) -> Iterator[tuple[str, Any]]:
    """All names in it, with what they stand for."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield name, value
            yield from every(value)
    elif isinstance(body, list):
        for value in body:
            yield from every(value)


@pytest.mark.parametrize(
    "text", ["lamp", ".*", "/(a+)+/", '"} , {"regexp": {"a": ".*"}}', "la* OR 1"]
)
def test_what_was_typed_is_text_and_never_an_expression(text: str) -> None:
    body = asking.search(Question(parse(text), needs=ALL))

    assert not {name for name, _ in every(body)} & DANGEROUS
    assert orjson.loads(orjson.dumps(body)) == body


def clauses(query: Any) -> int:
    """How many terms a query may become."""
    count = 0
    for name, value in every(query):
        if name == "multi_match":
            count += len(value["fields"]) * max(1, len(value["query"].split()))
        elif name in {"match", "match_phrase"}:
            [asked] = value.values()
            words = asked["query"].split()
            terms = sum(max(1, len(word) - 1) if ord(word[0]) > 0x3000 else 1 for word in words)
            count += terms * asked.get("max_expansions", 1)
        elif name in {"terms", "term", "range"}:
            count += 1
    return count


LETTERS = "abcdefghijkl"
WORDY = " ".join(f"{letter * 8}word" for letter in LETTERS)
TWELVE = WORDY.split()
EIGHT = Vocabulary(
    synonyms={
        (word,): [(f"{word}{n}", "or", "so") for n in range(MAX_ALTERNATIVES)] for word in TWELVE
    }
)


@pytest.mark.parametrize(
    "words",
    [
        parse(WORDY),
        parse(WORDY, EIGHT),
        parse("灯" * MAX_CHARACTERS),
        parse("灯" * 100 + " lampshade" * 10),
        parse("ab-" * 60),
        parse(" ".join(["灯具手机"] * MAX_WORDS)),
    ],
)
def test_a_query_has_a_bounded_number_of_terms(words: Any) -> None:
    ranking = Ranking(
        pinned=tuple(new_id() for _ in range(20)),
        boosted={new_id(): 2.0 for _ in range(20)},
        buried=frozenset(new_id() for _ in range(20)),
    )

    body = asking.search(Question(words, ranking=ranking, needs=ALL))

    assert clauses(body["query"]) < CLAUSES


def test_nothing_is_asked_that_is_not_needed() -> None:
    question = Question(parse("lamp"))

    hits = asking.search(question)
    count = asking.search(question.needing(Need.COUNT))

    assert {*hits} == {"query", "size", "_source", "track_total_hits", "sort"}
    assert hits["size"] == question.part.size + 1
    assert hits["track_total_hits"] is False
    assert (count["size"], count["track_total_hits"]) == (0, 10_001)
    assert "function_score" not in dict(every(count)), "nothing is scored to be counted"


def test_choices_narrow_the_query_unless_their_facets_are_counted() -> None:
    choices = Choices(in_stock=True, product_types=frozenset({new_id()}))
    question = Question(parse(""), choices)

    narrowed = asking.search(question)
    counted = asking.search(question.needing(Need.HITS, Need.FACETS))

    assert "post_filter" not in narrowed
    assert counted["post_filter"] == {"bool": {"filter": [{"term": {"in_stock": True}}]}}
    assert {*counted["aggs"]} == {"free", "availability"}
    assert "in_stock" not in dict(every(counted["query"]))
    assert "product_type_id" in dict(every(counted["query"]))


def test_an_attribute_is_read_as_it_is_written_whatever_it_is_called() -> None:
    slug = 'a.*|"b~#@&<>'
    choices = Choices(attributes={slug: frozenset({"x"})})

    body = asking.search(Question(parse(""), choices, needs=frozenset({Need.FACETS})))

    own = body["aggs"]["attribute-0"]["aggs"]["attributes"]["terms"]
    assert own["include"] == r"a\.\*\|\"b\~\#\@\&\<\>=.*"


def test_numbers_that_no_price_reaches_are_limits_all_the_same() -> None:
    choices = Choices(prices=(PriceRange(-(10**30), 10**30), PriceRange()), minimum_rating=10**30)

    body = asking.search(Question(parse(""), choices))

    orjson.dumps(body)  # refuses numbers beyond 64 bits


@pytest.mark.parametrize("is_backwards", [False, True])
def test_the_place_is_sent_as_it_came(is_backwards: bool) -> None:
    product_id = UUID(int=5)
    part = Part(10, Place(12.345678, product_id), is_backwards)

    body = asking.search(replace(Question(parse("lamp")), part=part))

    order = "asc" if is_backwards else "desc"
    assert body["search_after"] == [12.345678, product_id.hex]
    assert body["sort"] == [{"_score": order}, {"id": order}]


@pytest.mark.parametrize("sort", [each for each in SortKey if each is not SortKey.RELEVANCE])
def test_a_list_that_is_not_sorted_by_relevance_scores_nothing(sort: SortKey) -> None:
    ranking = Ranking(pinned=(new_id(),))

    body = asking.search(Question(parse("lamp"), sort=sort, ranking=ranking))

    names = dict(every(body["query"]))
    assert {*body["query"]["bool"]} == {"filter"}
    assert "function_score" not in names
    assert ranking.pinned[0].hex not in orjson.dumps(body).decode()
