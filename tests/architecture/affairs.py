"""What stands around people who buy and work here: keys, invitations, groups, what was noted."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.accounts import User
from models.audit import AuditEntry
from models.factors import Identity
from models.merchants import Membership
from models.platform import AppToken
from services import audit
from tests.architecture.market import Market
from tests.factories.accounts import make_passkey, make_user
from tests.factories.merchants import make_group, make_invitation, make_record
from tests.factories.shops import Stall


async def keep_records(session: AsyncSession, market: Market, user: User) -> None:
    """Of each merchant one of everything; the user is in the middle of all of it."""
    market.note("Customer", user)
    for stall in market.stalls:
        passkey = make_passkey(user)
        identity = Identity(
            user_id=user.id,
            provider=f"provider-{new_id().hex}",
            issuer="https://login.example",
            subject=new_id().hex,
        )
        session.add_all([passkey, identity])
        await session.flush()  # they get their ids
        market.note("Passkey", passkey, owner_id=user.id)
        market.note("Identity", identity, owner_id=user.id)
        await _employ(session, market, stall, user)
        await _note(session, market, stall)


async def describe_merchants(session: AsyncSession, market: Market) -> None:
    for stall in market.stalls:
        await make_record(session, stall.merchant)


async def hire(session: AsyncSession, market: Market) -> None:
    """One more who works for the platform and for every merchant."""
    user = await make_user(session, platform=("MANAGE_CARRIERS",))
    session.add_all(
        Membership(user_id=user.id, merchant_id=stall.merchant.id, permissions=["MANAGE_ORDERS"])
        for stall in market.stalls
    )
    await session.flush()  # the caller may read it in the same transaction
    market.note("Customer", user)


async def _employ(session: AsyncSession, market: Market, stall: Stall, user: User) -> None:
    """An invitation to work, a program that works, and a group that is treated alike."""
    whose = {"merchant_id": stall.merchant.id}
    market.note("StaffInvitation", await make_invitation(session, stall.merchant, user), **whose)
    market.note("CustomerGroup", await make_group(session, stall.merchant, user), **whose)
    program = AppToken(
        name="Till",
        merchant_id=stall.merchant.id,
        creator_id=user.id,
        permissions=["MANAGE_ORDERS"],
        token_hash=new_id().bytes,
    )
    session.add(program)
    await session.flush()  # it gets its id
    market.note("AppToken", program, **whose)


async def _note(session: AsyncSession, market: Market, stall: Stall) -> None:
    """An entry of the audit log, with what only the platform's auditors see of it."""
    object_id = new_id()
    noted = audit.entry(
        "PRICE_CHANGED",
        "ProductVariant",
        object_id,
        merchant_id=stall.merchant.id,
        person={"note": "the auditors' word"},
    )
    await audit.record(session, noted)
    entry = await session.scalar(select(AuditEntry).where(AuditEntry.object_id == object_id))
    market.note("AuditEntry", entry, merchant_id=stall.merchant.id)
