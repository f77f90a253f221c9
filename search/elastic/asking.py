"""A question as the body of a `_search`."""

from datetime import datetime
from typing import Any, Final

from search.answer import COUNT_LIMIT
from search.elastic import choosing, highlights
from search.elastic.matching import matching, scored
from search.elastic.ranking import ranked
from search.elastic.shape import id_of, microseconds
from search.question import Need, Place, Question, SortKey

Json = dict[str, Any]

FIELDS: Final = {
    SortKey.RELEVANCE: "_score",
    SortKey.PRICE: "price_minor",
    SortKey.NEWEST: "published_at",
    SortKey.RATING: "rating",
    SortKey.BEST_SELLING: "units_sold",
}


def search(question: Question) -> Json:
    """Asks for one hit more than the part has, to tell whether there are more."""
    needs = question.needs
    chosen = choosing.filters(question.choices)
    is_counting_facets = Need.FACETS in needs
    narrowing = choosing.required(question.choices)
    if not is_counting_facets:
        narrowing += chosen.values()
    body: Json = {
        "query": _query(question, narrowing),
        "size": 0,
        "_source": False,
        "track_total_hits": COUNT_LIMIT + 1 if Need.COUNT in needs else False,
    }
    if is_counting_facets:
        body["aggs"] = choosing.facets(question.choices, chosen)
        if chosen:
            body["post_filter"] = choosing.together(chosen.values())
    if Need.HITS in needs:
        body |= _part(question)
    if needs >= {Need.HITS, Need.HIGHLIGHTS} and not question.words.is_empty:
        body["highlight"] = highlights.highlight(question.words, question.language)
    return body


def count(question: Question) -> Json:
    return search(question.needing(Need.COUNT))


def _query(question: Question, narrowing: list[Json]) -> Json:
    """Scores are worked out only when something is sorted by them."""
    is_relevance = question.sort is SortKey.RELEVANCE
    if is_relevance and Need.HITS in question.needs:
        found = ranked(scored(question.words, question.language), question.ranking)
        return {"bool": {"must": [found], "filter": narrowing}} if narrowing else found
    found = {"match_all": {}}
    if not question.words.is_empty:
        found = matching(question.words, question.language)
        if is_relevance and question.ranking.pinned:
            pins = {"terms": {"id": sorted(map(id_of, question.ranking.pinned))}}
            found = {"bool": {"should": [found, pins], "minimum_should_match": 1}}
    return choosing.together([found, *narrowing])


def _part(question: Question) -> Json:
    """Backwards is forwards in the reversed order."""
    part = question.part
    order = "desc" if question.is_descending != part.backwards else "asc"
    field = FIELDS[question.sort]
    body: Json = {"size": part.size + 1, "sort": [{field: order}, {"id": order}]}
    if part.place is not None:
        body["search_after"] = _after(part.place)
    return body


def _after(place: Place) -> list[Any]:
    """A score is sent as it came: the shortest text that means it, so nothing is lost."""
    value = place.value
    return [microseconds(value) if isinstance(value, datetime) else value, id_of(place.id)]
