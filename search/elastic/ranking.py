"""What staff decided about an order: first, higher, last."""

from typing import Any, Final

from search.elastic.matching import best
from search.elastic.shape import id_of
from search.question import Ranking

Json = dict[str, Any]

PINNED: Final = 1_000_000.0
NEXT_PIN: Final = 1_000.0
BURIED: Final = 1e-9


def ranked(query: Json, ranking: Ranking) -> Json:
    """The query with what staff decided."""
    factors: dict[float, list[str]] = {}
    for product_id, factor in ranking.boosted.items():
        factors.setdefault(factor, []).append(id_of(product_id))
    if ranking.buried:
        factors[BURIED] = [id_of(product_id) for product_id in ranking.buried]
    if factors:
        functions = [
            {"filter": {"terms": {"id": sorted(ids)}}, "weight": factor}
            for factor, ids in factors.items()
        ]
        query = {
            "function_score": {
                "query": query,
                "functions": functions,
                "score_mode": "multiply",
                "boost_mode": "multiply",
            }
        }
    pins = [
        {
            "constant_score": {
                "filter": {"term": {"id": {"value": id_of(product_id)}}},
                "boost": PINNED - NEXT_PIN * place,
            }
        }
        for place, product_id in enumerate(ranking.pinned)
    ]
    return best([query, *pins])
