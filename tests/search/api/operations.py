"""How tests search."""

from typing import Any

from tests.asking import Ask

SEARCH = """query($words: String!, $where: ProductSearchWhere, $sort: ProductSearchSort,
    $first: Int, $after: String, $last: Int, $before: String) {
  searchProducts(query: $words, where: $where, sortBy: $sort, first: $first, after: $after,
      last: $last, before: $before) {
    nodes { id name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount { count precision }
    degraded
  }
}"""
EVERYTHING = """query($words: String!, $where: ProductSearchWhere) {
  searchProducts(query: $words, where: $where, first: 24) {
    edges { cursor node { id name variants { price { amount } } } highlights { name } }
    nodes { id }
    pageInfo { hasNextPage endCursor }
    totalCount { count }
    facets { key label kind buckets { value label count selected } }
    degraded
    tookMs
  }
}"""
FACETS = """query($words: String!, $where: ProductSearchWhere) {
  searchProducts(query: $words, where: $where) {
    facets { key label kind buckets {
      value label count selected parent minimum { amount } maximum { amount } } }
  }
}"""
HELP = """query($words: String!, $where: ProductSearchWhere) {
  searchProducts(query: $words, where: $where) {
    totalCount { count }
    suggestions {
      didYouMean withoutWord { query dropped count } withoutConditions category { name }
    }
  }
}"""
SUGGEST = """query($prefix: String!, $first: Int! = 5) {
  searchSuggestions(prefix: $prefix, first: $first) {
    queries products { id name } categories { name } brands { name }
  }
}"""


async def searched(ask: Ask, query: str, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(SEARCH, words=query, **variables))["searchProducts"]
    return found


async def code_of(ask: Ask, query: str, **variables: Any) -> tuple[str, str]:
    """How a search is refused: its code and message."""
    answer = await ask.answer(SEARCH, words=query, **variables)
    [error] = answer["errors"]
    return error["extensions"]["code"], error["message"]


async def facets_of(ask: Ask, query: str, **variables: Any) -> dict[str, dict[str, Any]]:
    """Facet -> label -> bucket, in the order of the answer."""
    found = (await ask(FACETS, words=query, **variables))["searchProducts"]["facets"]
    return {
        facet["key"]: {bucket["label"]: bucket for bucket in facet["buckets"]} for facet in found
    }


def counts(buckets: dict[str, Any]) -> dict[str, int]:
    return {label: bucket["count"] for label, bucket in buckets.items()}
