"""Queries of merchants, and what becomes of a merchant."""

from typing import Any, Final

import strawberry

from core.errors import BadUserInput
from core.identity import Permission
from engine.declare import root
from resolvers import merchants as resolve
from resolvers.context import RequestContext
from resolvers.loaders.merchants import MERCHANTS_JOINED, MERCHANTS_VISIBLE
from resolvers.paging import Ask, page, window
from schema.access import ACCOUNT, ANYONE, staff
from schema.catalog.by import IdOrSlug
from schema.errors import Payload, mutation
from schema.fields import relation
from schema.ids import inside, required
from schema.merchants import errors
from schema.merchants.inputs import (
    MerchantApplyInput,
    MerchantReviewInput,
    MerchantSort,
    MerchantUpdateInput,
    MerchantWhere,
    application_of,
    change_of,
)
from schema.merchants.staff_operations import StaffMutation, StaffQuery
from schema.merchants.types import Merchant, MerchantConnection
from schema.pagination import After, Before, First, Last, is_falling

MAX_FILTER_VALUES: Final = 100
AFTER = "As it is now; null when refused."


@strawberry.type
class MerchantQuery(StaffQuery):
    @root(
        Merchant | None,
        auth=ANYONE,
        description="A merchant; null when it does not sell (yet), but for those who run it.",
    )
    async def merchant(ctx: RequestContext, by: IdOrSlug) -> Any:
        if by.id:
            return await ctx.one(MERCHANTS_VISIBLE, inside("Merchant", by.id))
        return await resolve.merchant_by_slug(ctx, by.slug or "")

    @root(
        MerchantConnection,
        auth=ANYONE,
        description=(
            "Merchants: all who sell, and those one works for; for MANAGE_MERCHANTS every one."
        ),
    )
    async def merchants(
        ctx: RequestContext,
        where: MerchantWhere | None = None,
        sort_by: MerchantSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters: dict[str, Any] = {}
        if where:
            if len(where.slugs or ()) > MAX_FILTER_VALUES:
                raise BadUserInput(f"A filter takes at most {MAX_FILTER_VALUES} values.")
            filters = {"slugs": where.slugs, "statuses": where.statuses}
        sort, asked = sort_by or MerchantSort(), window(first, after, last, before)
        ask = Ask(
            resolve.MERCHANT_LIST,
            asked,
            sort.key.value,
            is_falling(sort.direction),
            where=filters,
        )
        return await page(ctx, ask)


@strawberry.type(description="The merchant that was applied for, or why there is none.")
class MerchantApplyPayload(Payload):
    merchant: Merchant | None = relation(
        Merchant | None, MERCHANTS_JOINED, "merchant_id", description=AFTER
    )


@strawberry.type(description="The merchant after the decision, or why nothing changed.")
class MerchantReviewPayload(Payload):
    merchant: Merchant | None = relation(
        Merchant | None, MERCHANTS_VISIBLE, "merchant_id", description=AFTER
    )


@strawberry.type(description="The merchant after the change, or why nothing changed.")
class MerchantUpdatePayload(Payload):
    merchant: Merchant | None = relation(
        Merchant | None, MERCHANTS_VISIBLE, "merchant_id", description=AFTER
    )


@strawberry.type
class MerchantMutation(StaffMutation):
    @mutation(
        MerchantApplyPayload,
        auth=ACCOUNT,
        description=(
            "Applies to sell. The caller owns the merchant, and may prepare its shop; it sells once"
            " the platform has approved it. The account's e-mail address must be confirmed; at most"
            " 3 applications of one account wait at a time."
        ),
        refusals=errors.APPLY,
    )
    async def merchant_apply(ctx: RequestContext, input: MerchantApplyInput) -> dict[str, Any]:
        return await resolve.apply(ctx, application=application_of(input))

    @mutation(
        MerchantReviewPayload,
        auth=staff(Permission.MANAGE_MERCHANTS),
        description=(
            "Decides about a merchant; the same decision again is a no-op, but for REJECT. From a"
            " suspension on nothing of it is shown or sold, checkouts that began before included;"
            " its open orders are served on, and its payouts are held until it is reinstated."
        ),
        refusals=errors.REVIEW,
    )
    async def merchant_review(ctx: RequestContext, input: MerchantReviewInput) -> dict[str, Any]:
        return await resolve.review(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            decision=input.decision,
            reason=input.reason,
            expected_version=input.expected_version,
        )

    @mutation(
        MerchantUpdatePayload,
        auth=staff(Permission.MANAGE_SETTINGS),
        description="Changes what a merchant says of itself. Nothing new is a no-op.",
        refusals=errors.UPDATE,
    )
    async def merchant_update(ctx: RequestContext, input: MerchantUpdateInput) -> dict[str, Any]:
        return await resolve.update(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            change=change_of(input),
            expected_version=input.expected_version,
        )
