"""Merchants, their staff, shoppers and the platform's operator."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.passwords import hashed
from core.identity import Permission
from models.merchants import Membership, MerchantMode
from services import accounts
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
    session: AsyncSession, merchants: Mapping[str, UUID], hashes: Mapping[str, str]
) -> None:
    people = stories.read("people")
    for one in people["shoppers"]:
        user_id = await _make_user(session, one, hashes)
        for address in one["addresses"]:
            await accounts.upsert_address(
                session, user_id=user_id, address_id=None, address=address, defaults={}
            )
    for one in people["operators"]:
        await _make_user(session, one, hashes, platform=[each.value for each in Permission])
    memberships = [
        {
            "user_id": await _make_user(session, one, hashes),
            "merchant_id": merchants[one["merchant"]],
            "is_owner": "permissions" not in one,
            "permissions": one.get("permissions", []),
        }
        for one in people["staff"]
    ]
    await session.execute(insert(Membership), memberships)


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
    )
