"""Search behind the schema: what is asked of the engines, and what becomes of their answers."""

from resolvers.search.asking import Edge, Found, Hits, edges, products, search_products
from resolvers.search.facets import NO_VALUE, FacetKind, facets
from resolvers.search.help import Help, help_for
from resolvers.search.prices import NO_PRICE
from resolvers.search.reports import MAX_DAYS, MAX_QUERIES, Report, queries, report, totals
from resolvers.search.suggestions import (
    MAX_SUGGESTED,
    Prefix,
    often_asked,
    suggested_brands,
    suggested_categories,
    suggested_products,
    suggestions,
)
from resolvers.search.vocabulary import key_of, vocabulary_row
from resolvers.search.writes import RULES, rule_delete, rule_upsert, synonyms_set, track

__all__ = [
    "MAX_DAYS",
    "MAX_QUERIES",
    "MAX_SUGGESTED",
    "NO_PRICE",
    "NO_VALUE",
    "RULES",
    "Edge",
    "FacetKind",
    "Found",
    "Help",
    "Hits",
    "Prefix",
    "Report",
    "edges",
    "facets",
    "help_for",
    "key_of",
    "often_asked",
    "products",
    "queries",
    "report",
    "rule_delete",
    "rule_upsert",
    "search_products",
    "suggested_brands",
    "suggested_categories",
    "suggested_products",
    "suggestions",
    "synonyms_set",
    "totals",
    "track",
    "vocabulary_row",
]
