"""The counts of facets, as SQL, out of the rows that were found."""

from typing import Any, Final

from sqlalchemy import ARRAY, Text, any_, bindparam, cast, func, literal_column, or_, select

from search.answer import PRICE_STEPS, RATING_STEPS
from search.standin.asking import ATTRIBUTE

FOUND: Final = ""  # stands where a row's facet does: the row is found, and counts for all
FACET_VALUES: Final = 1_000  # of one facet: those chosen, then those that most products have


def facets(found: Any) -> Any:
    each = found.c
    steps: Any = literal_column(f"'{{{','.join(map(str, PRICE_STEPS))}}}'::bigint[]")
    ratings: Any = literal_column(f"'{{{','.join(map(str, sorted(RATING_STEPS)))}}}'::int[]")
    parts = {
        "categories": _counts(found, "categories", func.unnest(each.category_ids)),
        "brands": _counts(found, "brands", each.brand_id),
        "merchants": _counts(found, "merchants", each.merchant_id),
        "prices": _counts(found, "prices", func.width_bucket(each.price_minor, steps)),
        "availability": _counts(found, "availability", each.in_stock),
        "ratings": _counts(found, "ratings", func.width_bucket(each.rating, ratings)),
        "attributes": _attributes(found),
    }
    pairs = [part for name, counts in parts.items() for part in (name_of(name), counts)]
    return func.jsonb_build_object(*pairs)


def _counts(found: Any, facet: str, key: Any) -> Any:
    """How many of the rows that this facet's own choice does not narrow down have each key."""
    rows = select(key.label("key")).where(
        or_(found.c.facet == name_of(FOUND), found.c.facet == name_of(facet))
    )
    return _counted(rows.subquery("keys"))


def _attributes(found: Any) -> Any:
    pair = func.unnest(found.c.attributes).label("key")
    rows = select(found.c.facet, pair).subquery("pairs")
    own = name_of(ATTRIBUTE) + func.split_part(rows.c.key, name_of("="), literal_column("1"))
    keys = select(rows.c.key).where(or_(rows.c.facet == name_of(FOUND), rows.c.facet == own))
    return _counted(keys.subquery("keys"))


def _counted(keys: Any) -> Any:
    how_many = func.count()
    key = cast(keys.c.key, Text())
    is_chosen = key == any_(bindparam("chosen", type_=ARRAY(Text())))
    counts = (
        select(key.label("key"), how_many.label("products"))
        .where(keys.c.key.is_not(None))
        .group_by(keys.c.key)
        .order_by(is_chosen.desc(), how_many.desc(), keys.c.key)
        .limit(literal_column(str(FACET_VALUES)))
        .subquery("counts")
    )
    return select(func.jsonb_object_agg(counts.c.key, counts.c.products)).scalar_subquery()


def name_of(text: str) -> Any:
    return literal_column(f"'{text}'", Text())
