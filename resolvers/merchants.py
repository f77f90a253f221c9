"""Merchants and their staff: lists and lookups, and the transaction of each mutation."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, false, func, or_, select, true

from auth.brakes import MAIL
from auth.callers import forget_caller
from core.db import Query, Row
from core.identity import Permission
from models.accounts import User
from models.merchants import Membership, Merchant, StaffInvitation
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.merchants import (
    MERCHANTS,
    PLATFORM_STAFF_COLUMNS,
    STAFF_COLUMNS,
    STAFF_OF_USERS,
    is_platform_staff,
    visible_merchant,
)
from resolvers.paging import Ask, Page, Window, pages
from resolvers.scope import permitted
from services import accounts, merchants
from services.merchants import Application, Decision, MerchantChange, Offer

INVITATION_PAGE: Final = "/staff/invitation"  # of `endpoints/staff_invitation.py`

_is_open = StaffInvitation.accepted_at.is_(None) & StaffInvitation.revoked_at.is_(None)
MERCHANT_LIST: Final = Listing(
    select(*Merchant.__table__.c).where(visible_merchant()),
    Merchant.id,
    sorts={"NAME": Sort(Merchant.name), "NEWEST": Sort(Merchant.created_at, descending=True)},
    filters={
        "statuses": Merchant.status == any_(bindparam("statuses", type_=ARRAY(Text()))),
        "slugs": Merchant.slug == any_(bindparam("slugs", type_=ARRAY(Text()))),
    },
    spread={},
)
_BY_SLUG = Query(MERCHANT_LIST.statement.where(Merchant.slug == bindparam("slug", type_=Text())))
STAFF: Final = Listing(
    select(*STAFF_COLUMNS)
    .join(User, User.id == Membership.user_id)
    .where(permitted(Membership.merchant_id, Permission.MANAGE_STAFF)),
    Membership.user_id,
    sorts={"JOINED": Sort(Membership.joined_at)},
    filters={
        "merchant": Membership.merchant_id == bindparam("merchant", type_=Uuid()),
        "owners": Membership.is_owner.is_(true()),
        "others": Membership.is_owner.is_(false()),
        "permission": or_(
            Membership.is_owner,
            bindparam("permission", type_=Text()) == any_(Membership.permissions),
        ),
    },
    spread={},
)
PLATFORM_STAFF: Final = Listing(
    select(*PLATFORM_STAFF_COLUMNS).where(is_platform_staff()),
    User.id,
    sorts={"JOINED": Sort(User.created_at)},
    filters={
        "permission": bindparam("permission", type_=Text()) == any_(User.platform_permissions),
        "owners": false(),  # nobody owns the platform
        "others": true(),
    },
    spread={},
)
INVITATIONS: Final = Listing(
    select(*StaffInvitation.__table__.c).where(
        permitted(StaffInvitation.merchant_id, Permission.MANAGE_STAFF)
    ),
    StaffInvitation.id,
    sorts={"NEWEST": Sort(StaffInvitation.created_at, descending=True)},
    filters={
        "merchant": StaffInvitation.merchant_id == bindparam("merchant", type_=Uuid()),
        "open": _is_open & (StaffInvitation.expires_at > func.now()),
        "ended": ~_is_open | (StaffInvitation.expires_at <= func.now()),
    },
    spread={},
)


async def merchant_by_slug(ctx: RequestContext, slug: str) -> Row | None:
    rows = await ctx.fetch(_BY_SLUG, slug=slug)
    return rows[0] if rows else None


async def apply(ctx: RequestContext, *, application: Application) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        merchant_id = await merchants.apply(session, ctx.caller, application=application)
    _has_joined(ctx)
    return {"merchant_id": merchant_id}


async def review(
    ctx: RequestContext,
    *,
    merchant_id: UUID,
    decision: Decision,
    reason: str | None,
    expected_version: int | None,
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await merchants.review(
            session,
            ctx.caller,
            merchant_id=merchant_id,
            decision=decision,
            reason=reason,
            expected_version=expected_version,
        )
    MERCHANTS.forget()
    forget_caller(merchant_id)  # programs of a closed one are nobody
    return {"merchant_id": merchant_id}


async def update(
    ctx: RequestContext,
    *,
    merchant_id: UUID,
    change: MerchantChange,
    expected_version: int | None,
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await merchants.update_merchant(
            session,
            ctx.caller,
            merchant_id=merchant_id,
            change=change,
            expected_version=expected_version,
        )
    MERCHANTS.forget()
    return {"merchant_id": merchant_id}


async def invite(
    ctx: RequestContext,
    *,
    merchant_id: UUID,
    email: str,
    permissions: Sequence[Permission],
    is_owner: bool,
) -> dict[str, Any]:
    await ctx.shop.brakes.check(MAIL, accounts.tried_email(email))
    page = f"{ctx.shop.settings.base_url}{INVITATION_PAGE}"
    offer = Offer(email=email, permissions=permissions, is_owner=is_owner, page=page)
    async with ctx.db.transaction() as session:
        invitation_id = await merchants.invite(
            session, ctx.caller, merchant_id=merchant_id, offer=offer
        )
    return {"invitation_id": invitation_id}


async def accept(ctx: RequestContext, *, token: str) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        merchant_id = await merchants.accept(session, ctx.caller, token=token)
    _has_joined(ctx)
    return {"merchant_id": merchant_id}


async def revoke(ctx: RequestContext, *, invitation_id: UUID) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await merchants.revoke(session, ctx.caller, invitation_id=invitation_id)
    return {"invitation_id": invitation_id}


async def set_permissions(
    ctx: RequestContext,
    *,
    merchant_id: UUID,
    user_id: UUID,
    permissions: Sequence[Permission],
    is_owner: bool | None,
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await merchants.set_permissions(
            session,
            ctx.caller,
            merchant_id=merchant_id,
            user_id=user_id,
            permissions=permissions,
            is_owner=is_owner,
        )
    forget_caller(user_id)
    return {"merchant_id": merchant_id, "user_id": user_id}


async def remove(ctx: RequestContext, *, merchant_id: UUID, user_id: UUID) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await merchants.remove(session, ctx.caller, merchant_id=merchant_id, user_id=user_id)
    forget_caller(user_id)
    return {"removed_user_id": user_id}


async def platform_staff_set(
    ctx: RequestContext, *, user_id: UUID, permissions: Sequence[Permission]
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await merchants.set_platform_staff(
            session, ctx.caller, user_id=user_id, permissions=permissions
        )
    forget_caller(user_id)
    return {"user_id": user_id}


async def member_of(ctx: RequestContext, merchant_id: UUID, user_id: UUID) -> Row | None:
    """One of a merchant's staff; None when there is none, or the caller may not see them."""
    found: Sequence[Row] = await ctx.one(STAFF_OF_USERS, user_id)
    return next((row for row in found if row["merchant_id"] == merchant_id), None)


async def staff_of_merchants(ctx: RequestContext, rows: Sequence[Row], asked: Window) -> list[Page]:
    """Per merchant a page of its staff that the caller may see: one statement."""
    groups = [[row["id"]] for row in rows]
    return await pages(
        ctx, Ask(STAFF, asked, "JOINED"), column=Membership.merchant_id, groups=groups
    )


def _has_joined(ctx: RequestContext) -> None:
    """The caller may do more from the next request on."""
    assert ctx.caller.subject is not None, "the field is for people with an account"
    forget_caller(ctx.caller.subject)
