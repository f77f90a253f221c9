"""Merchants as everybody may see them, and what only their staff and the platform may."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.db import Row
from core.identity import Permission
from engine.declare import batched, column, translated
from models.merchants import MerchantMode, MerchantStatus
from resolvers import catalog, merchants as resolve
from resolvers.context import RequestContext
from resolvers.loaders.merchants import RECORDS_OF_MERCHANTS, TEXTS_OF_MERCHANTS
from resolvers.paging import window
from schema.access import ANYONE, staff
from schema.fields import Node, lazy, relation
from schema.ids import node_id
from schema.merchants.staff import MerchantStaffConnection
from schema.pagination import After, Before, First, Last, connection
from schema.scalars import CountryCode, DateTime

strawberry.enum(
    MerchantStatus,
    description=(
        "APPLIED: waits to be looked at, for the first time or after it was rejected. IN_REVIEW:"
        " the platform looks at it. ACTIVE: it sells; only these do. SUSPENDED: nothing of it is"
        " for sale and its payouts are held, but open orders go on. CLOSED: for good."
    ),
)
strawberry.enum(MerchantMode, description="To whom a merchant sells, and where.")


@strawberry.type(description="What a merchant promises its buyers, as far as it has written it.")
class MerchantPolicies:
    return_policy: str | None = translated(
        str | None, description="How things are given back; null when it says nothing."
    )
    shipping_policy: str | None = translated(
        str | None, description="How and when it ships; null when it says nothing."
    )
    terms: str | None = translated(
        str | None, description="Its terms of business; null when it has none of its own."
    )


@strawberry.type(
    description=(
        "What a merchant told the platform, and how it stands with it. Legal facts are null for"
        " merchants that never applied."
    )
)
class MerchantRecord:
    applied_at: DateTime = column(
        DateTime, "created_at", description="When it applied, or was set up."
    )
    status_reason: str | None = column(
        str | None,
        description="Why it was rejected, suspended or closed; null when it was not.",
    )
    status_changed_at: DateTime = column(DateTime, description="Since when it has its status.")
    payouts_held: bool = column(
        bool, description="Whether what it earned is kept back for the time being."
    )
    legal_name: str | None = column(str | None, description="The name of the business.")
    registration_number: str | None = column(
        str | None, description="Its number in the register of its country."
    )
    country: CountryCode | None = column(CountryCode | None, description="Where it is registered.")
    contact_email: str | None = column(
        str | None, description="Whom the platform writes to; null when not told, or erased."
    )
    contact_phone: str | None = column(
        str | None, description="Whom the platform calls; null when not told, or erased."
    )


@strawberry.type(description="A seller on the marketplace.", directives=[ANYONE])
class Merchant(Node):
    id: strawberry.ID = node_id("Merchant")
    slug: str = column(str, description="A stable, readable name for addresses.")
    name: str = column(str, description="The name shoppers see.")
    description: str | None = translated(str | None, description="What it sells and stands for.")
    status: MerchantStatus = column(MerchantStatus, description="Only ACTIVE ones sell.")
    mode: MerchantMode = column(MerchantMode, description="To whom it sells, and where.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    policies: MerchantPolicies | None = relation(
        MerchantPolicies | None,
        TEXTS_OF_MERCHANTS,
        description="What it promises its buyers; null when it has written nothing.",
    )
    record: MerchantRecord | None = relation(
        MerchantRecord | None,
        RECORDS_OF_MERCHANTS,
        description=(
            "How it stands with the platform, and its legal facts: for its staff with"
            " MANAGE_SETTINGS and the platform's with MANAGE_MERCHANTS; null for others."
        ),
    )

    @batched(
        MerchantStaffConnection | None,
        auth=staff(Permission.MANAGE_STAFF, of="id"),
        description="Who works for it, who joined first first; null unless you manage its staff.",
    )
    async def staff(
        ctx: RequestContext,
        merchants: Sequence[Row],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> list[Any]:
        return await resolve.staff_of_merchants(ctx, merchants, window(first, after, last, before))

    @batched(
        lazy("MerchantProductConnection", "schema.catalog.product"),
        description="Its listed products, for its staff all of them, newest first.",
    )
    async def products(
        ctx: RequestContext,
        merchants: Sequence[Row],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> list[Any]:
        asked = window(first, after, last, before)
        return await catalog.products_of_merchants(ctx, merchants, asked)


MerchantConnection = connection(Merchant)
