"""Mutations on products: made, changed, published, taken away."""

from typing import Any, Final

import strawberry

from core.errors import VersionConflict
from core.identity import Permission
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import PRODUCTS_VISIBLE
from schema.access import staff
from schema.catalog.errors import COMMON, PRODUCT_REFUSALS
from schema.catalog.inputs import (
    AttributeValueInput,
    ProductOptionInput,
    TranslationInput,
    VariantInput,
    attributes_of,
    draft_of,
    id_or_keep,
    options_of,
    or_keep,
    texts_of,
    texts_or_keep,
)
from schema.catalog.product import Product
from schema.errors import Payload, mutation
from schema.fields import relation
from schema.ids import optional, required
from services.catalog import KEEP, NotPublishable, ProductChange, ProductDraft

EXPECTED = "Refuse if the product has another version by now; null does not look."
NAME = "The name: 1 to 200 characters a language, at most 10 languages"
SUMMARY = "One or two sentences for lists, at most 500 characters a language."
DESCRIPTION = "The long text, at most 50,000 characters a language."
SLUG = "For addresses, unique in the shop: at most 100 of a-z, 0-9 and single hyphens"
OPTIONS = "What its variants differ in: at most 5"
ATTRIBUTES = "Values of attributes of its type, at most 50 attributes"
KEEPERS: Final = staff(Permission.MANAGE_PRODUCTS)


@strawberry.input(description="A new product, which nobody sees before it is published.")
class ProductCreateInput:
    merchant_id: strawberry.ID = strawberry.field(
        description="Who sells it; you must manage its products."
    )
    name: list[TranslationInput] = strawberry.field(description=f"{NAME}, `en` among them.")
    category_id: strawberry.ID = strawberry.field(description="Where it stands in the tree.")
    slug: str | None = strawberry.field(
        default=None, description=f"{SLUG}; made from the name if not said, with -2 if need be."
    )
    summary: list[TranslationInput] | None = strawberry.field(default=None, description=SUMMARY)
    description: list[TranslationInput] | None = strawberry.field(
        default=None, description=DESCRIPTION
    )
    product_type_id: strawberry.ID | None = strawberry.field(
        default=None, description="What kind of product it is: which attributes it can have."
    )
    brand_id: strawberry.ID | None = strawberry.field(default=None, description="Who makes it.")
    external_reference: str | None = strawberry.field(
        default=None,
        description="Your own id of it, unique for the merchant: 1 to 200 characters.",
    )
    options: list[ProductOptionInput] | None = strawberry.field(
        default=None, description=f"{OPTIONS}. Without any it has one variant at most."
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=None, description=f"{ATTRIBUTES}."
    )
    variants: list[VariantInput] | None = strawberry.field(
        default=None, description="Variants to make at once, at most 500; each needs a SKU."
    )


@strawberry.input(description="What shall be different; what is left out or null stays.")
class ProductUpdateInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)
    name: list[TranslationInput] | None = strawberry.field(
        default=None, description=f"{NAME}; only the languages named here change."
    )
    slug: str | None = strawberry.field(default=None, description=f"{SLUG}.")
    summary: list[TranslationInput] | None = strawberry.field(default=None, description=SUMMARY)
    description: list[TranslationInput] | None = strawberry.field(
        default=None, description=DESCRIPTION
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where it stands in the tree."
    )
    product_type_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its type; null takes it away, and the attribute values with it.",
    )
    brand_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Who makes it; null takes the brand away."
    )
    external_reference: str | None = strawberry.field(
        default=strawberry.UNSET, description="Your own id of it; null takes it away."
    )
    options: list[ProductOptionInput] | None = strawberry.field(
        default=None,
        description=f"{OPTIONS}; all of them. Refused when an active variant would not fit.",
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=None, description=f"{ATTRIBUTES}; all of them: others go."
    )


@strawberry.input(description="Onto the shelf, or off it.")
class ProductPublishInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    is_published: bool = strawberry.field(
        default=True,
        description="False makes it a draft again; both bring an archived product back.",
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input(description="A product to take out of the shop.")
class ProductDeleteInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")


@strawberry.type
class _ProductPayload(Payload):
    product = relation(
        Product | None, PRODUCTS_VISIBLE, "product_id", description="As it is now; null if refused."
    )


@strawberry.type(description="The new product, or why there is none.")
class ProductCreatePayload(_ProductPayload):
    pass


@strawberry.type(description="The product, or why nothing changed.")
class ProductUpdatePayload(_ProductPayload):
    pass


@strawberry.type(description="The product, or why nothing changed.")
class ProductPublishPayload(_ProductPayload):
    pass


@strawberry.type(description="The archived product, or why nothing changed.")
class ProductDeletePayload(_ProductPayload):
    pass


@strawberry.type
class ProductMutation:
    @mutation(
        ProductCreatePayload,
        auth=KEEPERS,
        description="Makes a draft of a product, perhaps with variants. All of it or nothing.",
        refusals=PRODUCT_REFUSALS,
    )
    async def product_create(ctx: RequestContext, input: ProductCreateInput) -> dict[str, Any]:
        merchant_id = required("Merchant", input.merchant_id, "merchantId")
        draft = ProductDraft(
            name=texts_of(input.name, "name"),
            category_id=required("Category", input.category_id, "categoryId"),
            slug=input.slug,
            summary=texts_of(input.summary, "summary"),
            description=texts_of(input.description, "description"),
            product_type_id=optional("ProductType", input.product_type_id, "productTypeId"),
            brand_id=optional("Brand", input.brand_id, "brandId"),
            external_reference=input.external_reference,
            options=options_of(input.options),
            attributes=attributes_of(input.attributes or ()),
            variants=[
                draft_of(variant, "variants", str(n))
                for n, variant in enumerate(input.variants or ())
            ],
        )
        return {
            "product_id": await resolve.product_create(ctx, merchant_id=merchant_id, draft=draft)
        }

    @mutation(
        ProductUpdatePayload,
        auth=KEEPERS,
        description="Changes parts of a product. All of it or nothing.",
        refusals=PRODUCT_REFUSALS,
    )
    async def product_update(ctx: RequestContext, input: ProductUpdateInput) -> dict[str, Any]:
        product_id = required("Product", input.product_id, "productId")
        category_id = optional("Category", input.category_id, "categoryId")
        reference = input.external_reference
        change = ProductChange(
            name=texts_or_keep(input.name, "name"),
            slug=or_keep(input.slug),
            summary=texts_or_keep(input.summary, "summary"),
            description=texts_or_keep(input.description, "description"),
            category_id=or_keep(category_id),
            product_type_id=id_or_keep("ProductType", input.product_type_id, "productTypeId"),
            brand_id=id_or_keep("Brand", input.brand_id, "brandId"),
            external_reference=KEEP if reference is strawberry.UNSET else reference,
            options=KEEP if input.options is None else options_of(input.options),
            attributes=KEEP if input.attributes is None else attributes_of(input.attributes),
        )
        await resolve.product_update(
            ctx, product_id=product_id, change=change, expected_version=input.expected_version
        )
        return {"product_id": product_id}

    @mutation(
        ProductPublishPayload,
        auth=KEEPERS,
        description="Publishes a product, or makes it a draft again. The same again is a no-op.",
        refusals=[*COMMON, VersionConflict, NotPublishable],
    )
    async def product_publish(ctx: RequestContext, input: ProductPublishInput) -> dict[str, Any]:
        product_id = required("Product", input.product_id, "productId")
        await resolve.product_publish(
            ctx,
            product_id=product_id,
            is_published=input.is_published,
            expected_version=input.expected_version,
        )
        return {"product_id": product_id}

    @mutation(
        ProductDeletePayload,
        auth=KEEPERS,
        description=(
            "Archives a product: shoppers don't see it any more, orders keep what they say of it,"
            " its slug and SKUs stay taken. `productPublish` brings it back."
        ),
        refusals=COMMON,
    )
    async def product_delete(ctx: RequestContext, input: ProductDeleteInput) -> dict[str, Any]:
        product_id = required("Product", input.product_id, "productId")
        await resolve.product_delete(ctx, product_id=product_id)
        return {"product_id": product_id}
