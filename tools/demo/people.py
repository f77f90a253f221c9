"""Merchants, their staff, shoppers and the platform's operator."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.passwords import hashed
from core.identity import EVERYONE, Caller, CallerKind, Permission
from models.merchants import Membership, MerchantMode
from services import accounts, merchants
from services.merchants import NewMerchant, put_merchants
from tools.demo import stories
from tools.demo.stories import texts


async def password_hashes() -> dict[str, str]:
    """By e-mail address; made before the transaction begins, because they take their time."""
    return {account["email"]: await hashed(account["password"]) for account in stories.accounts()}


async def make_merchants(session: AsyncSession) -> dict[str, UUID]:
    told = stories.merchants()
    new = [
        NewMerchant(
            slug=slug,
            name=each["name"],
            description=texts(each["description"]),
            mode=MerchantMode(each["mode"]),
        )
        for slug, each in told.items()
    ]
    return dict(zip(told, await put_merchants(session, new), strict=True))


async def make_people(
    session: AsyncSession, sellers: Mapping[str, UUID], hashes: Mapping[str, str]
) -> None:
    people = stories.read("people")
    for one in people["shoppers"]:
        user_id = await _make_user(session, one, hashes)
        for address in one["addresses"]:
            await accounts.upsert_address(
                session, user_id=user_id, address_id=None, address=address, defaults={}
            )
    operators = [
        await _make_user(session, one, hashes, platform=[each.value for each in Permission])
        for one in people["operators"]
    ]
    memberships = [
        {
            "user_id": await _make_user(session, one, hashes),
            "merchant_id": sellers[one["merchant"]],
            "is_owner": "permissions" not in one,
            "permissions": one.get("permissions", []),
        }
        for one in people["staff"]
    ]
    await session.execute(insert(Membership), memberships)
    for one in people["applicants"]:
        applicant = await _make_user(session, one, hashes)
        await _apply(session, one["applies"], applicant=applicant, operator=operators[0])


async def _apply(
    session: AsyncSession, told: Mapping[str, Any], *, applicant: UUID, operator: UUID
) -> None:
    """An application that the platform has begun to look at."""
    merchant_id = await merchants.apply(
        session,
        Caller(CallerKind.USER, applicant),
        application=merchants.Application(
            name=told["name"],
            slug=told["slug"],
            mode=MerchantMode(told["mode"]),
            description=texts(told["description"]),
            business=merchants.Business(**told["business"]),
        ),
    )
    await merchants.review(
        session,
        Caller(CallerKind.USER, operator, grants={Permission.MANAGE_MERCHANTS: EVERYONE}),
        merchant_id=merchant_id,
        decision=merchants.Decision.START_REVIEW,
    )


async def _make_user(
    session: AsyncSession,
    one: Mapping[str, Any],
    hashes: Mapping[str, str],
    *,
    platform: list[str] | None = None,
) -> UUID:
    return await accounts.create_user(
        session,
        email=one["email"],
        password_hash=hashes[one["email"]],
        first_name=one["name"][0],
        last_name=one["name"][1],
        language=one.get("language", "en"),
        platform_permissions=platform or (),
        is_verified=True,  # whoever plays one of them reads no letters
    )
