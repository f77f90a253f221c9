"""Merchants for tests."""

from itertools import count

from sqlalchemy.ext.asyncio import AsyncSession

from models.merchants import Merchant, MerchantStatus

_numbers = count(1)


async def make_merchant(session: AsyncSession, *, status: str = MerchantStatus.ACTIVE) -> Merchant:
    """A saved merchant."""
    n = next(_numbers)
    merchant = Merchant(slug=f"merchant-{n}", name=f"Merchant {n}", status=status)
    session.add(merchant)
    await session.flush()  # others refer to its row
    return merchant
