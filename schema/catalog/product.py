"""Products and their reviews."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.db import Row
from engine.declare import ROW, batched, column, translated
from models.catalog import CollectionProduct, Product as Products, Review as Reviews
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import (
    BRANDS,
    CATEGORIES,
    COLLECTIONS_OF_PRODUCTS,
    DETAILS_OF_PRODUCTS,
    PRODUCT_TYPES,
    VARIANTS_VISIBLE,
)
from resolvers.loaders.merchants import MERCHANTS
from resolvers.paging import window
from schema.access import ANYONE
from schema.catalog import media
from schema.catalog.enums import Availability, ProductStatus
from schema.catalog.taxonomy import AttributeValue, Brand, Category, Collection, ProductType
from schema.catalog.variant import ProductVariant
from schema.fields import Node, reference, relation
from schema.ids import node_id
from schema.merchants import Merchant
from schema.money import Money
from schema.pagination import After, Before, First, Last, connection
from schema.scalars import DateTime


@strawberry.type(description="What buyers think of a product, in one number.")
class Rating:  # rows: products
    average: float = column(
        float,
        "rating_average",
        convert=lambda hundredths: hundredths / 100,
        description="The mean of all ratings, 1 to 5, to two decimals; 0 without any.",
    )
    count: int = column(int, "rating_count", description="How many reviews it is made of.")


@strawberry.type(description="What one buyer thinks of a product.", directives=[ANYONE])
class Review(Node):
    id: strawberry.ID = node_id("Review")
    rating: int = column(int, description="1 (worst) to 5 (best).")
    title: str = column(str, description="A headline; perhaps empty.")
    body: str = column(str, description="The text; perhaps empty.")
    author_name: str = column(str, description="The name the author chose to show.")
    is_verified_purchase: bool = column(bool, description="Whether the author bought it here.")
    created_at: DateTime = column(DateTime, description="When it was written.")


ReviewConnection = connection(Review, parent_column=Reviews.product_id)


@strawberry.type(description="The lowest and the highest price of a product's variants.")
class PriceRange:  # rows: (lowest, highest)
    start: Money = column(Money, 0, description="The lowest price.")
    stop: Money = column(Money, 1, description="The highest price.")


def _name_of(part: Any, language: str, fallback: str) -> str:
    names: dict[str, str] = part["name"]
    return names.get(language) or names.get(fallback) or str(part["slug"])


@strawberry.type(description="One value of an option: `Red`.")
class ProductOptionValue:  # rows: (slug, name)
    slug: str = column(str, 0, description="A stable name; variants refer to it.")
    name: str = column(str, 1, description="The name for people.")


@strawberry.type(description="What variants of a product differ in: colour, size.")
class ProductOption:  # rows: items of products.options
    slug: str = column(str, description="A stable name; variants refer to it.")

    @batched(str, description="The name for people.")
    def name(ctx: RequestContext, options: Sequence[Any]) -> list[str]:
        return [_name_of(option, ctx.language, ctx.fallback) for option in options]

    @batched(list[ProductOptionValue], description="The values, in their order.")
    def values(ctx: RequestContext, options: Sequence[Any]) -> list[Any]:
        return [
            [
                (each["slug"], _name_of(each, ctx.language, ctx.fallback))
                for each in option["values"]
            ]
            for option in options
        ]


def detail(type_: Any, key: str, *, description: str) -> Any:
    """A column that list rows do not have, because pages only show it."""

    @batched(type_, description=description)
    async def column_of_page(ctx: RequestContext, products: Sequence[Row]) -> list[Any]:
        rows = await ctx.rows(DETAILS_OF_PRODUCTS, [product["id"] for product in products])
        return [row and row[key] for row in rows]

    return column_of_page


@strawberry.type(
    description="A thing in the catalogue. What is bought is one of its variants.",
    directives=[ANYONE],
)
class Product(Node):
    id: strawberry.ID = node_id("Product")
    slug: str = column(str, description="A stable, readable name for addresses.")
    name: str = translated(str, is_chosen=True, description="The name, in the caller's language.")
    summary: str | None = translated(
        str | None, is_chosen=True, description="One or two sentences, for lists."
    )
    status: ProductStatus = column(ProductStatus, description="Shoppers see PUBLISHED ones only.")
    published_at: DateTime = column(
        DateTime, description="When it was published; of a draft, when it was created."
    )
    created_at: DateTime = detail(DateTime, "created_at", description="When it was created.")
    updated_at: DateTime = detail(DateTime, "updated_at", description="When it was changed last.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="Who sells it."
    )
    brand: Brand | None = reference(Brand | None, BRANDS, "brand_id", description="Who makes it.")
    category: Category = reference(
        Category, CATEGORIES, "category_id", description="Where it stands in the tree."
    )
    product_type: ProductType | None = reference(
        ProductType | None,
        PRODUCT_TYPES,
        "product_type_id",
        description="What kind of product it is: which attributes it has.",
    )
    variants: list[ProductVariant] = relation(
        list[ProductVariant],
        VARIANTS_VISIBLE,
        description="What can be bought, in the order of the merchant.",
    )
    collections: list[Collection] = relation(
        list[Collection], COLLECTIONS_OF_PRODUCTS, description="The collections it is in."
    )

    description: str | None = detail(
        str | None,
        "description",
        description="The long text, in the caller's language. For its page.",
    )

    @batched(list[AttributeValue], description="Its attribute values.")
    async def attributes(ctx: RequestContext, products: Sequence[Row]) -> list[Sequence[Any]]:
        return await resolve.attributes(ctx, products)

    @batched(list[media.Media], description="Pictures, films and models, in their order.")
    async def media(ctx: RequestContext, products: Sequence[Row]) -> list[Any]:
        return media.typed(await resolve.media(ctx, products))

    options: list[ProductOption] = detail(
        list[ProductOption], "options", description="What its variants differ in."
    )

    @batched(
        PriceRange | None,
        description="Lowest and highest price, tax included; null when nothing is priced yet.",
    )
    async def price_range(ctx: RequestContext, products: Sequence[Row]) -> list[Any]:
        return await resolve.price_ranges(ctx, products)

    @batched(Availability, description="Whether any variant can be bought now.")
    async def availability(ctx: RequestContext, products: Sequence[Row]) -> list[str]:
        groups = await resolve.offers_of_products(ctx, products)
        return [
            Availability.IN_STOCK
            if any(offer["available"] > 0 for offer in offers)
            else Availability.OUT_OF_STOCK
            for offers in groups
        ]

    rating: Rating = column(Rating, ROW, description="What buyers think of it.")

    @batched(ReviewConnection, description="What buyers wrote about it, newest first.")
    async def reviews(
        ctx: RequestContext,
        products: Sequence[Row],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> list[Any]:
        return await resolve.reviews(ctx, products, window(first, after, last, before))


ProductConnection = connection(Product)
CategoryProductConnection = connection(
    Product, name="CategoryProduct", parent_column=Products.category_id
)
CollectionProductConnection = connection(
    Product, name="CollectionProduct", parent_column=CollectionProduct.collection_id
)
MerchantProductConnection = connection(
    Product, name="MerchantProduct", parent_column=Products.merchant_id
)
