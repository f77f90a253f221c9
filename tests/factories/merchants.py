"""Merchants, their invitations and customer groups for tests."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from models.accounts import User
from models.customers import CustomerGroup, CustomerGroupMember
from models.merchants import Merchant, MerchantRecord, MerchantStatus, StaffInvitation

_numbers = count(1)


async def make_merchant(
    session: AsyncSession, *, status: str = MerchantStatus.ACTIVE, **columns: Any
) -> Merchant:
    """A saved merchant; a suspended one with its payouts held."""
    n = next(_numbers)
    values = {
        "slug": f"merchant-{n}",
        "name": f"Merchant {n}",
        "payouts_held": status == MerchantStatus.SUSPENDED,
    }
    merchant = Merchant(status=status, **(values | columns))
    session.add(merchant)
    await session.flush()  # others refer to its row
    return merchant


async def make_record(session: AsyncSession, merchant: Merchant, **columns: Any) -> MerchantRecord:
    """What the merchant told the platform of its business."""
    told = {
        "legal_name": f"{merchant.name} Ltd",
        "registration_number": "HRB 12345",
        "country": "DE",
        "contact_email": "office@example.test",
        "contact_phone": "+49 30 123456",
    }
    record = MerchantRecord(merchant_id=merchant.id, **(told | columns))
    session.add(record)
    await session.flush()  # the caller may read it in the same transaction
    return record


async def make_invitation(
    session: AsyncSession, merchant: Merchant, sender: User, *permissions: str, **columns: Any
) -> StaffInvitation:
    """An open invitation without its letter: nobody knows a token for it."""
    n = next(_numbers)
    values = {"email": f"invited{n}@example.test", "expires_at": now() + timedelta(days=7)}
    invitation = StaffInvitation(
        merchant_id=merchant.id,
        invited_by=sender.id,
        permissions=list(permissions) or ["MANAGE_ORDERS"],
        **(values | columns),
    )
    session.add(invitation)
    await session.flush()  # the caller may read it in the same transaction
    return invitation


async def make_group(
    session: AsyncSession, merchant: Merchant | None = None, *members: User
) -> CustomerGroup:
    """A group of a merchant, or of the platform."""
    n = next(_numbers)
    group = CustomerGroup(merchant_id=merchant and merchant.id, name=f"Group {n}")
    session.add(group)
    await session.flush()  # its members refer to its row
    session.add_all([CustomerGroupMember(group_id=group.id, user_id=each.id) for each in members])
    await session.flush()  # the caller may read them in the same transaction
    return group
