"""What the statement gives, as an answer."""

from collections.abc import Mapping
from uuid import UUID

from core.db import Row
from search.answer import COUNT_LIMIT, RATING_STEPS, Answer, FacetCounts, Highlights, Hit
from search.engine import POSTGRESQL
from search.question import Need, Place, Question
from search.standin.highlights import highlighted, sought
from search.standin.matching import Near
from search.standin.statement import BOUND

Counts = Mapping[str, int]


def answer(row: Row, question: Question, near: Near, took_ms: int) -> Answer:
    needs, size = question.needs, question.part.size
    hits = _hits(row) if Need.HITS in needs else []
    shown = hits[:size]
    highlights = _highlights(row, shown, question, near) if _shows(question) else {}
    return Answer(
        engine=POSTGRESQL,
        took_ms=took_ms,
        hits=shown[::-1] if question.part.backwards else shown,
        has_more=len(hits) > size,
        total=min(row["found"], COUNT_LIMIT + 1) if Need.COUNT in needs else None,
        facets=_facets(row["facets"]) if Need.FACETS in needs else None,
        highlights=highlights,
        is_exact=row["found"] < BOUND,
    )


def _shows(question: Question) -> bool:
    return question.needs >= {Need.HITS, Need.HIGHLIGHTS} and not question.words.is_empty


def _hits(row: Row) -> list[Hit]:
    ids, values = row["ids"] or (), row["sorted_by"] or ()
    return [Hit(each, Place(value, each)) for each, value in zip(ids, values, strict=True)]


def _highlights(
    row: Row, hits: list[Hit], question: Question, near: Near
) -> dict[UUID, Highlights]:
    words = sought(question.words, near)
    documents = (row["documents"] or ())[: len(hits)]
    return {
        hit.id: highlighted(document, words, question.language)
        for hit, document in zip(hits, documents, strict=True)
    }


def _facets(found: Mapping[str, Counts | None]) -> FacetCounts:
    counts = {name: values or {} for name, values in found.items()}
    return FacetCounts(
        categories=_by_id(counts["categories"]),
        brands=_by_id(counts["brands"]),
        merchants=_by_id(counts["merchants"]),
        prices={int(step) - 1: n for step, n in counts["prices"].items()},
        availability={value == "true": n for value, n in counts["availability"].items()},
        ratings=_at_least(counts["ratings"]),
        attributes=_by_slug(counts["attributes"]),
    )


def _by_id(counts: Counts) -> dict[UUID, int]:
    return {UUID(key): n for key, n in counts.items()}


def _at_least(counts: Counts) -> dict[int, int]:
    """Of how many products lie between two steps, how many reach each."""
    steps = sorted(RATING_STEPS)
    reached = {
        step: sum(n for bucket, n in counts.items() if int(bucket) > place)
        for place, step in enumerate(steps)
    }
    return {step: n for step, n in reached.items() if n}


def _by_slug(counts: Counts) -> dict[str, dict[str, int]]:
    slugs: dict[str, dict[str, int]] = {}
    for pair, n in counts.items():
        slug, _, value = pair.partition("=")
        slugs.setdefault(slug, {})[value] = n
    return slugs
