"""What shoppers send when they search."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import strawberry

from core.errors import BadUserInput
from core.money import MAX_MINOR, parse_amount
from resolvers.catalog import MAX_ATTRIBUTE_FILTERS
from resolvers.search import NO_PRICE, NO_VALUE
from schema.catalog.inputs import NOWHERE
from schema.catalog.queries import (
    MAX_ATTRIBUTE_VALUES,
    MAX_FILTER_VALUES,
    AttributeFilter,
    PriceFilter,
)
from schema.ids import all_inside
from schema.pagination import SortDirection
from search.question import Choices, PriceRange, SortKey

MAX_PRICES: Final = 20
LOWEST_RATING, HIGHEST_RATING = 1, 5
ANY_OF: Final = "at most 100. Unknown ones match nothing, and so does an empty list."


@strawberry.input(
    description="What was chosen in facets. All conditions must hold; the values of one are"
    " alternatives."
)
class ProductSearchWhere:
    categories: list[strawberry.ID] | None = strawberry.field(
        default=None, description=f"In one of these categories or below it; {ANY_OF}"
    )
    brands: list[strawberry.ID] | None = strawberry.field(
        default=None, description=f"Of one of these brands; {ANY_OF}"
    )
    merchants: list[strawberry.ID] | None = strawberry.field(
        default=None, description=f"Sold by one of these merchants; {ANY_OF}"
    )
    product_types: list[strawberry.ID] | None = strawberry.field(
        default=None, description=f"Of one of these types; {ANY_OF}"
    )
    prices: list[PriceFilter] | None = strawberry.field(
        default=None,
        description="In one of these ranges of the lowest list price, in the shop's currency; at"
        " most 20, an empty list matches nothing.",
    )
    in_stock: bool | None = strawberry.field(
        default=None, description="Whether any variant can be bought now."
    )
    minimum_rating: int | None = strawberry.field(
        default=None, description="With at least so many stars on average: 1 to 5."
    )
    attributes: list[AttributeFilter] | None = strawberry.field(
        default=None,
        description="By attribute values: at most 5 attributes, each once; all must match.",
    )


strawberry.enum(
    SortKey,
    name="ProductSearchSortKey",
    description="What the found products are sorted by. RELEVANCE: how well they match, then"
    " popularity and stock; without words that is popularity. PRICE: the lowest list price, in the"
    " shop's currency.",
)


@strawberry.input(description="In which order the found products come; ties by id.")
class ProductSearchSort:
    key: SortKey = strawberry.field(
        default=SortKey.RELEVANCE, description="What they are sorted by."
    )
    direction: SortDirection | None = strawberry.field(
        default=None, description="PRICE rises if not said, all others fall."
    )


def choices_of(where: ProductSearchWhere, currency: str) -> Choices:
    """Raises: BadUserInput for too many values, a malformed price, or stars out of range."""
    return Choices(
        categories=_ids("Category", where.categories),
        brands=_ids("Brand", where.brands),
        merchants=_ids("Merchant", where.merchants),
        product_types=_ids("ProductType", where.product_types),
        prices=_prices(where.prices, currency),
        in_stock=where.in_stock,
        minimum_rating=_hundredths(where.minimum_rating),
        attributes=_attributes(where.attributes or []),
    )


def _ids(kind: str, texts: Sequence[str] | None) -> frozenset[UUID]:
    """What is no id is the id of nothing. Raises: BadUserInput."""
    if texts is None:
        return frozenset()
    if len(texts) > MAX_FILTER_VALUES:
        raise BadUserInput(f"A filter takes at most {MAX_FILTER_VALUES} values.")
    return frozenset(all_inside(kind, texts) or [NOWHERE])


def _prices(filters: Sequence[PriceFilter] | None, currency: str) -> tuple[PriceRange, ...]:
    if filters is None:
        return ()
    if len(filters) > MAX_PRICES:
        raise BadUserInput(f"where.prices takes at most {MAX_PRICES} ranges.")
    return tuple(_price(each, currency) for each in filters) or (NO_PRICE,)


def _price(given: PriceFilter, currency: str) -> PriceRange:
    """Clients write ranges with both ends in them."""
    try:
        minimum, maximum = (
            None if text is None else parse_amount(text, currency)
            for text in (given.minimum, given.maximum)
        )
    except ValueError as error:
        raise BadUserInput(f"where.prices: {error}.") from None
    return PriceRange(minimum, None if maximum in {None, MAX_MINOR} else (maximum or 0) + 1)


def _hundredths(stars: int | None) -> int | None:
    if stars is None:
        return None
    if not LOWEST_RATING <= stars <= HIGHEST_RATING:
        raise BadUserInput("where.minimumRating must be between 1 and 5.")
    return stars * 100


def _attributes(filters: Sequence[AttributeFilter]) -> dict[str, frozenset[str]]:
    chosen = {each.slug: frozenset(each.values or [NO_VALUE]) for each in filters}
    if len(chosen) < len(filters):
        raise BadUserInput("where.attributes: each attribute may be there once only.")
    if len(filters) > MAX_ATTRIBUTE_FILTERS or any(
        len(each.values) > MAX_ATTRIBUTE_VALUES for each in filters
    ):
        raise BadUserInput("Filter by at most 5 attributes with at most 20 values each.")
    return chosen
