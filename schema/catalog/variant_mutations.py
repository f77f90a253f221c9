"""Mutations on variants and their prices: many at a time."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.identity import Permission
from engine.declare import batched
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import VARIANT_VISIBLE
from schema.access import staff
from schema.catalog.errors import COMMON
from schema.catalog.inputs import NOWHERE, PriceInput, VariantUpsertInput, draft_of, price_of
from schema.catalog.variant import ProductVariant
from schema.errors import Outcome, Payload, UserError, mutation, user_error
from schema.fields import relation
from schema.ids import inside, required
from services.catalog import ErrorPolicy, OptionsMismatch, PermissionMissing, Taken

strawberry.enum(
    ErrorPolicy,
    description=(
        "What one bad row does to the others. REJECT_EVERYTHING: nothing is written, `userErrors`"
        " tells of all rows. REJECT_FAILED_ROWS: bad rows are left out whole, the others are"
        " written. IGNORE_FAILED: of a bad row, what is good is written: a known variant keeps the"
        " old value of each bad part, a new one gets the usual value; a row that can't be without"
        " its bad part (unknown id, a new variant whose SKU or options are refused) is left out."
        " With the last two, `results` tells of bad rows, and `userErrors` is empty."
    ),
)


@strawberry.input(description="Variants of one merchant, of any of its products.")
class VariantsBulkUpsertInput:
    merchant_id: strawberry.ID = strawberry.field(
        description="Whose variants; you must manage its products."
    )
    variants: list[VariantUpsertInput] = strawberry.field(
        description="1 to 500, each variant once. A product has at most 500 variants."
    )
    on_error: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.REJECT_EVERYTHING, description="What one bad row does to the others."
    )


@strawberry.type(description="What became of one row of the input.")
class VariantUpsertResult:
    variant: ProductVariant | None = relation(
        ProductVariant | None,
        VARIANT_VISIBLE,
        "variant_id",
        description="The variant as it is now; null when the row was left out.",
    )

    @batched(list[UserError], description="What was wrong with the row; paths begin in it.")
    def errors(ctx: RequestContext, results: Sequence[Outcome]) -> list[Any]:
        return [result["errors"] for result in results]


@strawberry.type(description="What became of each row, or why nothing changed.")
class VariantsBulkUpsertPayload(Payload):
    @batched(
        list[VariantUpsertResult] | None,
        description="One for each row of the input, in its order; null when nothing was written.",
    )
    def results(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        return [payload["results"] for payload in payloads]


@strawberry.input(description="The price of a variant in one currency.")
class VariantPriceInput(PriceInput):
    variant_id: strawberry.ID = strawberry.field(
        description="The variant; you must manage its merchant's prices."
    )


@strawberry.input(description="Prices to set; those of other currencies stay.")
class VariantPriceSetInput:
    prices: list[VariantPriceInput] = strawberry.field(
        description="1 to 500; each variant and currency once. All are set, or none."
    )


@strawberry.type(description="The variants, or why nothing changed.")
class VariantPriceSetPayload(Payload):
    @batched(
        list[ProductVariant] | None,
        description="The variants in the order of the input, each once; null when refused.",
    )
    async def variants(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        groups: list[list[Any] | None] = [payload["variant_ids"] for payload in payloads]
        keys = [key for group in groups for key in group or ()]
        found = iter(await ctx.rows(VARIANT_VISIBLE, keys))
        return [
            None if group is None else [row for _ in group if (row := next(found)) is not None]
            for group in groups
        ]


@strawberry.type
class VariantMutation:
    @mutation(
        VariantsBulkUpsertPayload,
        auth=staff(Permission.MANAGE_PRODUCTS),
        description="Makes and changes up to 500 variants in one go, with their prices.",
        refusals=[*COMMON, Taken, OptionsMismatch, PermissionMissing],
    )
    async def variants_bulk_upsert(
        ctx: RequestContext, input: VariantsBulkUpsertInput
    ) -> dict[str, Any]:
        saved = await resolve.variants_bulk_upsert(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            drafts=[
                draft_of(variant, "variants", str(n)) for n, variant in enumerate(input.variants)
            ],
            policy=input.on_error,
        )
        results = [
            Outcome(variant_id=each.id, errors=[user_error(refusal) for refusal in each.refusals])
            for each in saved
        ]
        return {"results": results}

    @mutation(
        VariantPriceSetPayload,
        auth=staff(Permission.MANAGE_PRICES),
        description="Sets list prices of variants. Carts are told of the change, not silently.",
        refusals=COMMON,
    )
    async def variant_price_set(ctx: RequestContext, input: VariantPriceSetInput) -> dict[str, Any]:
        prices = [
            (inside("ProductVariant", each.variant_id) or NOWHERE, price_of(each))
            for each in input.prices
        ]
        await resolve.variant_price_set(ctx, prices=prices)
        return {"variant_ids": list(dict.fromkeys(key for key, _ in prices))}
