"""Categories, brands, product types, attributes."""

from collections.abc import Sequence
from typing import Any, Self

import strawberry

from core.db import Row
from engine.declare import batched, column, translated
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import ATTRIBUTES_OF_TYPES, CATEGORIES
from resolvers.paging import window
from schema.access import ANYONE
from schema.catalog.enums import AttributeKind
from schema.fields import Node, lazy, reference, relation
from schema.ids import node_id
from schema.pagination import After, Before, First, Last, connection

_PRODUCT = "schema.catalog.product"


@strawberry.type(description="An attribute that products of a type have.", directives=[ANYONE])
class Attribute(Node):
    id: strawberry.ID = node_id("Attribute")
    slug: str = column(str, description="The name in filters: `material`.")
    name: str = translated(str, description="The name for people.")
    kind: AttributeKind = column(AttributeKind, description="What values it takes.")
    choices: list[str] = column(list[str], description="The values of a CHOICE; else empty.")
    is_filterable: bool = column(bool, description="Whether shoppers may filter by it.")


@strawberry.type(description="A kind of product, with its attributes.", directives=[ANYONE])
class ProductType(Node):
    id: strawberry.ID = node_id("ProductType")
    slug: str = column(str, description="A stable, readable name.")
    name: str = translated(str, description="The name for people.")
    attributes: list[Attribute] = relation(
        list[Attribute], ATTRIBUTES_OF_TYPES, description="Its attributes, in their order."
    )


@strawberry.type(description="The value of one attribute of a product.")
class AttributeValue:
    slug: str = column(str, description="The attribute's name in filters.")
    name: str = translated(str, is_chosen=True, description="The attribute's name for people.")
    kind: AttributeKind = column(AttributeKind, description="What values the attribute takes.")
    value: str = column(str, description="The value; as text, whatever the kind.")


@strawberry.type(description="Who makes a product.", directives=[ANYONE])
class Brand(Node):
    id: strawberry.ID = node_id("Brand")
    slug: str = column(str, description="A stable, readable name for addresses.")
    name: str = column(str, description="The name; brands are not translated.")
    description: str | None = translated(str | None, description="What the brand stands for.")
    website: str | None = column(str | None, description="The brand's own address.")


@strawberry.type(
    description="A node of the one category tree that all merchants share.", directives=[ANYONE]
)
class Category(Node):
    id: strawberry.ID = node_id("Category")
    slug: str = column(str, description="A stable, readable name for addresses.")
    name: str = translated(str, description="The name for people.")
    description: str | None = translated(str | None, description="What belongs here.")
    position: int = column(int, description="The place among its siblings.")
    parent: Self | None = reference(
        Self | None, CATEGORIES, "parent_id", description="The category above; null for a root."
    )

    @batched(list[Self], description="The way from the root to the parent.")
    async def ancestors(ctx: RequestContext, categories: Sequence[Row]) -> list[Any]:
        return await resolve.ancestors(ctx, categories)

    @batched(list[Self], description="The categories directly below, in their order.")
    async def children(ctx: RequestContext, categories: Sequence[Row]) -> list[Any]:
        return await resolve.children(ctx, categories)

    @batched(
        lazy("CategoryProductConnection", _PRODUCT),
        description="Listed products here and below, newest first.",
    )
    async def products(
        ctx: RequestContext,
        categories: Sequence[Row],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> list[Any]:
        asked = window(first, after, last, before)
        return await resolve.products_of_categories(ctx, categories, asked)


@strawberry.type(
    description="A hand-picked list of products, of a merchant or of the platform.",
    directives=[ANYONE],
)
class Collection(Node):
    id: strawberry.ID = node_id("Collection")
    slug: str = column(str, description="A stable, readable name for addresses.")
    name: str = translated(str, description="The name for people.")
    description: str | None = translated(str | None, description="What it is about.")
    is_published: bool = column(bool, description="Whether shoppers see it.")

    @batched(
        lazy("CollectionProductConnection", _PRODUCT),
        description="Its listed products, in the order of the curator.",
    )
    async def products(
        ctx: RequestContext,
        collections: Sequence[Row],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> list[Any]:
        asked = window(first, after, last, before)
        return await resolve.products_of_collections(ctx, collections, asked)


BrandConnection = connection(Brand)
CategoryConnection = connection(Category)
CollectionConnection = connection(Collection)
ProductTypeConnection = connection(ProductType)
