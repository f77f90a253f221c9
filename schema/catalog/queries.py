"""Queries of the catalogue."""

from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import strawberry

from core.errors import BadUserInput
from core.money import parse_amount
from engine.declare import root
from resolvers import catalog as resolve
from resolvers.catalog import MAX_ATTRIBUTE_FILTERS
from resolvers.context import RequestContext
from resolvers.loaders.catalog import PAGES_BY_ID, PAGES_BY_SLUG
from resolvers.paging import Ask, page, window
from schema.access import ANYONE
from schema.catalog.enums import ProductStatus
from schema.catalog.product import Product, ProductConnection
from schema.catalog.taxonomy_queries import TaxonomyQuery
from schema.catalog.variant_queries import VariantQuery
from schema.ids import all_inside, inside
from schema.pagination import After, Before, First, Last, SortDirection, is_falling
from schema.scalars import DecimalText


@strawberry.input(one_of=True, description="Which product: exactly one of these.")
class ProductBy:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By its id.")
    slug: str | None = strawberry.field(
        default=strawberry.UNSET, description="By its slug, as in addresses."
    )
    sku: str | None = strawberry.field(
        default=strawberry.UNSET, description="By the SKU of one of its variants."
    )


@strawberry.input(description="Values of one attribute; a product with any of them matches.")
class AttributeFilter:
    slug: str = strawberry.field(description="The attribute.")
    values: list[str] = strawberry.field(description="The values, at most 20.")


@strawberry.input(description="A range of list prices in the shop's currency; ends included.")
class PriceFilter:
    minimum: DecimalText | None = strawberry.field(default=None, description="At least this much.")
    maximum: DecimalText | None = strawberry.field(default=None, description="At most this much.")


@strawberry.input(description="Which products; all conditions must hold.")
class ProductWhere:
    category: strawberry.ID | None = strawberry.field(
        default=None, description="In this category or below it."
    )
    brands: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of one of these brands."
    )
    merchants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Sold by one of these merchants."
    )
    product_types: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of one of these types."
    )
    collection: strawberry.ID | None = strawberry.field(
        default=None, description="In this collection."
    )
    price: PriceFilter | None = strawberry.field(
        default=None, description="By lowest list price, in the shop's currency."
    )
    in_stock: bool | None = strawberry.field(
        default=None, description="Whether any variant can be bought now."
    )
    attributes: list[AttributeFilter] | None = strawberry.field(
        default=None, description="By attribute values, at most 5 attributes; all must match."
    )
    statuses: list[ProductStatus] | None = strawberry.field(
        default=None, description="By status; shoppers see published ones anyway."
    )


@strawberry.enum(description="What products are sorted by.")
class ProductSortKey(StrEnum):
    NEWEST = "NEWEST"
    PRICE = "PRICE"
    NAME = "NAME"
    RATING = "RATING"


@strawberry.input(description="In which order products come.")
class ProductSort:
    key: ProductSortKey = strawberry.field(
        default=ProductSortKey.NEWEST,
        description="PRICE is the lowest list price, in the shop's currency.",
    )
    direction: SortDirection | None = strawberry.field(
        default=None, description="NEWEST and RATING fall if not said, the others rise."
    )


MAX_FILTER_VALUES: Final = 100
MAX_ATTRIBUTE_VALUES: Final = 20
NOWHERE: Final = UUID(int=0)  # the id of nothing


async def filters_of(ctx: RequestContext, where: ProductWhere) -> dict[str, Any]:
    """The listing's filters. Raises: BadUserInput for too many values or a malformed price."""
    values: dict[str, Any] = {
        "brands": all_inside("Brand", where.brands),
        "merchants": all_inside("Merchant", where.merchants),
        "product_types": all_inside("ProductType", where.product_types),
        "statuses": where.statuses and [status.value for status in where.statuses],
    }
    if any(len(each) > MAX_FILTER_VALUES for each in values.values() if each):
        raise BadUserInput(f"A filter takes at most {MAX_FILTER_VALUES} values.")
    if where.category is not None:
        category = inside("Category", where.category)
        values["categories"] = await resolve.with_descendants(ctx, category) if category else []
    if where.collection is not None:
        values["collection"] = inside("Collection", where.collection) or NOWHERE
    if where.in_stock is not None:
        values["in_stock" if where.in_stock else "out_of_stock"] = True
    values |= _prices(ctx.shop.settings.shop_currency, where.price)
    return values | _attributes(where.attributes or [])


def _prices(currency: str, price: PriceFilter | None) -> dict[str, int]:
    bounds = {"price_min": price.minimum, "price_max": price.maximum} if price else {}
    try:
        return {
            name: parse_amount(text, currency) for name, text in bounds.items() if text is not None
        }
    except ValueError as error:
        raise BadUserInput(f"where.price: {error}.") from None


def _attributes(filters: list[AttributeFilter]) -> dict[str, list[str]]:
    if len(filters) > MAX_ATTRIBUTE_FILTERS or any(
        len(each.values) > MAX_ATTRIBUTE_VALUES for each in filters
    ):
        raise BadUserInput("Filter by at most 5 attributes with at most 20 values each.")
    return {
        f"attribute_{n}": [f"{each.slug}={value}" for value in each.values]
        for n, each in enumerate(filters)
    }


@strawberry.type
class CatalogQuery(TaxonomyQuery, VariantQuery):
    @root(Product | None, auth=ANYONE, description="A product; null when it is not published.")
    async def product(ctx: RequestContext, by: ProductBy) -> Any:
        if by.id:
            key = inside("Product", by.id)
            return await ctx.one(PAGES_BY_ID, key)
        if by.slug:
            return await ctx.one(PAGES_BY_SLUG, by.slug)
        return await resolve.product_by_sku(ctx, by.sku or "")

    @root(ProductConnection, auth=ANYONE, description="Products; shoppers see published ones.")
    async def products(
        ctx: RequestContext,
        where: ProductWhere | None = None,
        sort_by: ProductSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        sort = sort_by or ProductSort()
        filters = await filters_of(ctx, where) if where else None
        asked = window(first, after, last, before)
        ask = Ask(resolve.PRODUCTS, asked, sort.key.value, is_falling(sort.direction), filters)
        return await page(ctx, ask)
