"""What Elasticsearch answers, as ours."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from search.answer import COUNT_LIMIT, Answer, FacetCounts, Hit
from search.elastic import choosing, highlights
from search.elastic.shape import moment_of
from search.question import Need, Place, Question, SortKey

Json = Mapping[str, Any]
Counts = dict[str, int]

NAME: Final = "elasticsearch"


def answer(body: Json, question: Question) -> Answer:
    """Raises: KeyError, TypeError, ValueError, IndexError for what is no answer to the question."""
    needs = question.needs
    found: Sequence[Json] = body.get("hits", {}).get("hits", ())
    size = question.part.size
    shown = found[:size][::-1] if question.part.backwards else found[:size]
    return Answer(
        engine=NAME,
        took_ms=body["took"],
        hits=[_hit(hit["sort"], question.sort) for hit in shown],
        has_more=len(found) > size,
        total=total(body) if Need.COUNT in needs else None,
        facets=_facets(body["aggregations"], question) if Need.FACETS in needs else None,
        highlights={
            _id(hit["sort"][1]): fragments
            for hit in shown
            if "highlight" in hit
            and (fragments := highlights.read(hit["highlight"], question.language))
        },
    )


def total(body: Json) -> int:
    counted: int = body["hits"]["total"]["value"]
    return min(counted, COUNT_LIMIT + 1)


def _hit(sort: Sequence[Any], key: SortKey) -> Hit:
    value, id_text = sort
    product_id = _id(id_text)
    return Hit(product_id, Place(moment_of(value) if key is SortKey.NEWEST else value, product_id))


@lru_cache(maxsize=20_000)
def _id(text: str) -> UUID:
    """Brands and categories come again and again."""
    return UUID(int=int(text, 16))


def _facets(aggregations: Json, question: Question) -> FacetCounts:
    free: Json = aggregations.get(choosing.FREE, aggregations)

    def counts(facet: str) -> Counts:
        own = aggregations.get(facet) if free is not aggregations else None
        if own is None:
            return _counts(free[facet])
        return _counts(own[facet]) | (_counts(own["chosen"]) if "chosen" in own else {})

    return FacetCounts(
        categories=_by_id(counts("categories")),
        brands=_by_id(counts("brands")),
        merchants=_by_id(counts("merchants")),
        prices=_by_number(counts("prices")),
        availability={bool(int(key)): count for key, count in counts("availability").items()},
        ratings=_by_number(counts("ratings")),
        attributes=_attributes(aggregations, _counts(free["attributes"]), question),
    )


def _counts(aggregation: Json) -> Counts:
    """Ranges that nothing is in are left out."""
    return {
        bucket["key"]: bucket["doc_count"]
        for bucket in aggregation["buckets"]
        if bucket["doc_count"]
    }


def _by_id(counts: Counts) -> dict[UUID, int]:
    return {_id(key): count for key, count in counts.items()}


def _by_number(counts: Counts) -> dict[int, int]:
    return {int(key): count for key, count in counts.items()}


def _attributes(aggregations: Json, free: Counts, question: Question) -> dict[str, dict[str, int]]:
    """Of slugs that are chosen, what was counted for them alone."""
    chosen = choosing.slugs(question.choices)
    attributes: dict[str, dict[str, int]] = {}
    for token, count in free.items():
        slug, _, value = token.partition("=")
        if slug not in chosen.values():
            attributes.setdefault(slug, {})[value] = count
    for name, slug in chosen.items():
        own = aggregations[name]
        counts = _counts(own["attributes"]) | _counts(own["chosen"])
        if counts:
            attributes[slug] = {token[len(slug) + 1 :]: count for token, count in counts.items()}
    return attributes
