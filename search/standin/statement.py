"""The one statement of a question: products found, and of them what is needed.

At most BOUND products are read by the index; hits, count and facets are worked out of these rows.
A facet with a choice of its own reads in the same way what only this choice leaves out. A search
that finds more is answered out of BOUND of them, as `Answer.is_exact` says. Choices, words and
decisions of staff travel as parameters, so that shapes are few.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    Double,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, TSQUERY, aggregate_order_by

from core.db import Query
from models.search import SearchDocument
from search.answer import COUNT_LIMIT
from search.question import SortKey
from search.standin.faceting import FOUND, facets, name_of
from search.standin.scoring import score
from services.recordset import table_of

BOUND: Final = 12_000  # products that a search looks at: more than are counted (COUNT_LIMIT)
_BOUND: Final[Any] = literal_column(str(BOUND))
_documents = table_of(SearchDocument)
_d = _documents.c
_SORTED_BY: Final = {
    SortKey.PRICE: _d.price_minor,
    SortKey.NEWEST: _d.published_at,
    SortKey.RATING: _d.rating,
    SortKey.BEST_SELLING: _d.units_sold,
}


class Shape(NamedTuple):
    """What a statement depends on.

    is_falling: of the SQL, which is the reverse of the list's when it is read backwards.
    has_place: there is a cursor. has_words: something was typed. has_near: other words than typed
    are looked for as well.
    """

    sort: SortKey
    is_falling: bool
    has_place: bool
    has_words: bool
    has_near: bool
    page: bool
    documents: bool
    facets: bool


@cache
def query_of(shape: Shape) -> Query:
    """Compiled when first asked for.

    Gives one row: `ids` and `sorted_by` of a page of `size` products in the statement's order,
    their `documents`, how many were `found` (at most BOUND), `facets`.
    """
    found = _found(shape).cte("found").prefix_with("MATERIALIZED")
    wanted: list[Any] = [
        _scalar(select(func.count()).where(found.c.facet == name_of(FOUND))).label("found")
    ]
    if shape.page:
        wanted += _page(found, shape)
    if shape.facets:
        wanted.append(facets(found).label("facets"))
    return Query(select(*wanted))


COUNTED_BY: Final = ("query", "prices", "in_stock", "minimum_rating")


@cache
def counts_of(number: int) -> Query:
    """One row: how many products each of so many questions finds.

    Parameters: those of COUNTED_BY, each followed by the question's number, as in `query_0`.
    """
    return Query(select(*(_count(n).label(f"found_{n}") for n in range(number))))


def _count(number: int) -> Any:
    suffix = f"_{number}"
    query = bindparam(f"query{suffix}", type_=TSQUERY())
    found: Any = (
        select(literal_column("1"))
        .select_from(_documents)
        .where(_d.terms.bool_op("@@")(query), *_by_value(suffix).values())
        .limit(literal_column(str(COUNT_LIMIT + 1)))
    )
    return _scalar(select(func.count()).select_from(found.subquery()))


def _found(shape: Shape) -> Any:
    """Rows with the facet that they are for; FOUND: they are what is found."""
    queries: Any = bindparam("queries", type_=ARRAY(TSQUERY()))
    asked = func.unnest(queries).table_valued(column("query", TSQUERY()))
    asked = asked.render_derived(name="asked")
    is_asked = _by_value()
    rows = _rows(asked.c.query, is_asked.values(), shape, _value(shape))
    found = select(name_of(FOUND).label("facet"), *rows.c).select_from(asked.join(rows, true()))
    found = found.limit(_BOUND)
    if not shape.facets:
        return found
    names: Any = bindparam("facets", type_=ARRAY(Text()))
    own_queries: Any = bindparam("own_queries", type_=ARRAY(TSQUERY()))
    own = func.unnest(names, own_queries).table_valued("facet", column("query", TSQUERY()))
    own = own.render_derived(name="own")
    is_left = [is_so == (own.c.facet != name_of(facet)) for facet, is_so in is_asked.items()]
    others = _rows(own.c.query, is_left, shape, cast(null(), _value(shape).type))
    left = select(own.c.facet, *others.c).select_from(own.join(others, true()))
    return union_all(found, left)


def _rows(query: Any, conditions: Iterable[Any], shape: Shape, value: Any) -> Any:
    wanted = [_d.product_id, value.label("value")]
    if shape.facets:
        wanted += [_d.category_ids, _d.attributes, _d.brand_id, _d.merchant_id]
        wanted += [_d.price_minor, _d.in_stock, _d.rating]
    rows = select(*wanted).where(_d.terms.bool_op("@@")(query), *conditions)
    return rows.limit(_BOUND).lateral("rows")


def _by_value(suffix: str = "") -> dict[str, Any]:
    """What only the row tells: facet -> whether it is as chosen."""
    prices: Any = bindparam(f"prices{suffix}", type_=INT8MULTIRANGE())
    in_stock: Any = bindparam(f"in_stock{suffix}", type_=Boolean())
    rating: Any = bindparam(f"minimum_rating{suffix}", type_=BigInteger())
    return {
        "prices": prices.bool_op("@>")(_d.price_minor),
        "availability": func.coalesce(_d.in_stock == in_stock, true()),
        "ratings": _d.rating >= rating,
    }


def _value(shape: Shape) -> Any:
    """What the list is sorted by."""
    if not shape.page:
        return literal_column("0", Integer())
    if shape.sort is SortKey.RELEVANCE:
        return score(has_words=shape.has_words, has_near=shape.has_near)
    return _SORTED_BY[shape.sort]


def _page(found: Any, shape: Shape) -> list[Any]:
    value, key = found.c.value, found.c.product_id
    part: Any = select(key, value).where(found.c.facet == name_of(FOUND))
    if shape.has_place:
        place = tuple_(_place_value(shape.sort), bindparam("after_id", type_=Uuid()))
        here = tuple_(value, key)
        part = part.where(here < place if shape.is_falling else here > place)
    part = part.order_by(*_order(value, key, shape)).limit(bindparam("size", type_=Integer()))
    page = part.cte("page")
    order = _order(page.c.value, page.c.product_id, shape)

    def in_order(each: Any) -> Any:
        return func.array_agg(aggregate_order_by(each, *order))

    wanted = [
        _scalar(select(in_order(page.c.product_id))).label("ids"),
        _scalar(select(in_order(page.c.value))).label("sorted_by"),
    ]
    if shape.documents:
        whole = select(in_order(_d.document)).select_from(
            page.join(_documents, _d.product_id == page.c.product_id)
        )
        wanted.append(_scalar(whole).label("documents"))
    return wanted


def _place_value(sort: SortKey) -> Any:
    kinds: dict[SortKey, Any] = {
        SortKey.RELEVANCE: Double(),
        SortKey.NEWEST: DateTime(timezone=True),
    }
    return bindparam("after_value", type_=kinds.get(sort, BigInteger()))


def _order(value: Any, key: Any, shape: Shape) -> tuple[Any, Any]:
    return (value.desc(), key.desc()) if shape.is_falling else (value.asc(), key.asc())


def _scalar(statement: Any) -> Any:
    return statement.scalar_subquery()
