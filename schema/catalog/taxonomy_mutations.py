"""Mutations on what products are sorted into: categories, brands, types, collections."""

from collections.abc import Sequence
from typing import Any, Final

import strawberry

from core.identity import Permission
from models.catalog import AttributeKind
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import (
    BRANDS,
    CATEGORIES,
    COLLECTIONS_VISIBLE,
    PRODUCT_TYPES,
)
from schema.access import staff
from schema.catalog.errors import COMMON, TAXONOMY_REFUSALS
from schema.catalog.inputs import (
    TranslationInput,
    id_or_keep,
    or_keep,
    texts_of,
    texts_or_keep,
)
from schema.catalog.taxonomy import Brand, Category, Collection, ProductType
from schema.errors import Payload, mutation
from schema.fields import reference, relation
from schema.ids import optional, required
from services.catalog import (
    KEEP,
    AttributeDraft,
    BrandChange,
    CategoryChange,
    CollectionChange,
    ProductTypeChange,
    Taken,
)

KEEPERS: Final = staff(Permission.MANAGE_TAXONOMY)
ID = "Of the one to change; null makes a new one."
SLUG = "For addresses, unique: at most 100 of a-z, 0-9, single hyphens; made from a new one's name."
NAME = "1 to 200 characters a language, at most 10; a new one needs `en`. Others stay."
DESCRIPTION = "At most 50,000 characters a language; languages not named here stay."


@strawberry.input(description="A category; what is left out stays as it is.")
class CategoryUpsertInput:
    id: strawberry.ID | None = strawberry.field(default=None, description=ID)
    slug: str | None = strawberry.field(default=None, description=SLUG)
    name: list[TranslationInput] | None = strawberry.field(default=None, description=NAME)
    description: list[TranslationInput] | None = strawberry.field(
        default=None, description=DESCRIPTION
    )
    parent_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The category above it; null makes it a root."
    )
    position: int | None = strawberry.field(
        default=None, description="The place among its siblings: 0 to 100,000."
    )


@strawberry.input(description="A brand; what is left out stays as it is.")
class BrandUpsertInput:
    id: strawberry.ID | None = strawberry.field(default=None, description=ID)
    slug: str | None = strawberry.field(default=None, description=SLUG)
    name: str | None = strawberry.field(
        default=None, description="1 to 200 characters; a new one needs it."
    )
    description: list[TranslationInput] | None = strawberry.field(
        default=None, description=DESCRIPTION
    )
    website: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="An https or http address of at most 500 characters; null takes it away.",
    )


@strawberry.input(description="An attribute of a product type.")
class AttributeInput:
    slug: str = strawberry.field(
        description="Finds it again in its type, for good: values and filters name it."
    )
    name: list[TranslationInput] = strawberry.field(
        description="For people: 1 to 200 characters a language, `en` among them."
    )
    kind: AttributeKind = strawberry.field(
        default=AttributeKind.TEXT,
        description="What values it takes; refused to change once products have values.",
    )
    choices: list[str] | None = strawberry.field(
        default=None,
        description="Of a CHOICE: 1 to 200. One that products have can't go.",
    )
    is_filterable: bool = strawberry.field(
        default=True, description="Whether shoppers may filter by it."
    )


@strawberry.input(description="A product type; what is left out stays as it is.")
class ProductTypeUpsertInput:
    id: strawberry.ID | None = strawberry.field(default=None, description=ID)
    slug: str | None = strawberry.field(default=None, description=SLUG)
    name: list[TranslationInput] | None = strawberry.field(default=None, description=NAME)
    attributes: list[AttributeInput] | None = strawberry.field(
        default=None,
        description="All of them, in their order, at most 50; others go, unless in use.",
    )


@strawberry.input(description="A collection; what is left out stays as it is.")
class CollectionUpsertInput:
    id: strawberry.ID | None = strawberry.field(default=None, description=ID)
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose a new one is; null: the platform's, which only its own staff makes.",
    )
    slug: str | None = strawberry.field(default=None, description=SLUG)
    name: list[TranslationInput] | None = strawberry.field(default=None, description=NAME)
    description: list[TranslationInput] | None = strawberry.field(
        default=None, description=DESCRIPTION
    )
    is_published: bool | None = strawberry.field(
        default=None, description="Whether shoppers see it; a new one is hidden if not said."
    )
    products: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=(
            "All of its products in their order, at most 500; a merchant's collection holds its"
            " own products only."
        ),
    )


@strawberry.type(description="The category, or why nothing changed.")
class CategoryUpsertPayload(Payload):
    category = reference(
        Category | None, CATEGORIES, "category_id", description="As it is now; null if refused."
    )


@strawberry.type(description="The brand, or why nothing changed.")
class BrandUpsertPayload(Payload):
    brand = reference(
        Brand | None, BRANDS, "brand_id", description="As it is now; null if refused."
    )


@strawberry.type(description="The product type, or why nothing changed.")
class ProductTypeUpsertPayload(Payload):
    product_type = reference(
        ProductType | None,
        PRODUCT_TYPES,
        "product_type_id",
        description="As it is now; null if refused.",
    )


@strawberry.type(description="The collection, or why nothing changed.")
class CollectionUpsertPayload(Payload):
    collection = relation(
        Collection | None,
        COLLECTIONS_VISIBLE,
        "collection_id",
        description="As it is now; null if refused.",
    )


@strawberry.type
class TaxonomyMutation:
    @mutation(
        CategoryUpsertPayload,
        auth=KEEPERS,
        description="Makes a category or changes one; it takes along what is below it.",
        refusals=TAXONOMY_REFUSALS,
    )
    async def category_upsert(ctx: RequestContext, input: CategoryUpsertInput) -> dict[str, Any]:
        change = CategoryChange(
            slug=or_keep(input.slug),
            name=texts_or_keep(input.name, "name"),
            description=texts_or_keep(input.description, "description"),
            parent_id=id_or_keep("Category", input.parent_id, "parentId"),
            position=or_keep(input.position),
        )
        key = optional("Category", input.id, "id")
        return {"category_id": await resolve.category_upsert(ctx, category_id=key, change=change)}

    @mutation(
        BrandUpsertPayload,
        auth=KEEPERS,
        description="Makes a brand or changes one.",
        refusals=TAXONOMY_REFUSALS,
    )
    async def brand_upsert(ctx: RequestContext, input: BrandUpsertInput) -> dict[str, Any]:
        change = BrandChange(
            slug=or_keep(input.slug),
            name=or_keep(input.name),
            description=texts_or_keep(input.description, "description"),
            website=KEEP if input.website is strawberry.UNSET else input.website,
        )
        key = optional("Brand", input.id, "id")
        return {"brand_id": await resolve.brand_upsert(ctx, brand_id=key, change=change)}

    @mutation(
        ProductTypeUpsertPayload,
        auth=KEEPERS,
        description="Makes a product type or changes one, with its attributes.",
        refusals=TAXONOMY_REFUSALS,
    )
    async def product_type_upsert(
        ctx: RequestContext, input: ProductTypeUpsertInput
    ) -> dict[str, Any]:
        change = ProductTypeChange(
            slug=or_keep(input.slug),
            name=texts_or_keep(input.name, "name"),
            attributes=KEEP if input.attributes is None else _attributes(input.attributes),
        )
        key = optional("ProductType", input.id, "id")
        saved = await resolve.product_type_upsert(ctx, product_type_id=key, change=change)
        return {"product_type_id": saved}

    @mutation(
        CollectionUpsertPayload,
        auth=staff(Permission.MANAGE_PRODUCTS),
        description="Makes a collection or changes one.",
        refusals=[*COMMON, Taken],
    )
    async def collection_upsert(
        ctx: RequestContext, input: CollectionUpsertInput
    ) -> dict[str, Any]:
        products = [
            required("Product", text, "products", str(n))
            for n, text in enumerate(input.products or ())
        ]
        change = CollectionChange(
            slug=or_keep(input.slug),
            name=texts_or_keep(input.name, "name"),
            description=texts_or_keep(input.description, "description"),
            is_published=or_keep(input.is_published),
            products=KEEP if input.products is None else products,
        )
        saved = await resolve.collection_upsert(
            ctx,
            collection_id=optional("Collection", input.id, "id"),
            merchant_id=optional("Merchant", input.merchant_id, "merchantId"),
            change=change,
        )
        return {"collection_id": saved}


def _attributes(given: Sequence[AttributeInput]) -> list[AttributeDraft]:
    return [
        AttributeDraft(
            slug=attribute.slug,
            name=texts_of(attribute.name, "attributes", str(n), "name"),
            kind=attribute.kind,
            choices=attribute.choices or (),
            is_filterable=attribute.is_filterable,
        )
        for n, attribute in enumerate(given)
    ]
