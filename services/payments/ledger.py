"""The ledger: every movement of money is a journal whose sides add up to zero."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.payments import LedgerAccount, LedgerEntry
from services.recordset import table_of


class Part(NamedTuple):
    """What an order has of an amount."""

    order_id: UUID
    merchant_id: UUID
    amount_minor: int


class Side(NamedTuple):
    """One side of a journal; a positive amount is debit, a negative one credit."""

    account: LedgerAccount
    amount_minor: int
    merchant_id: UUID | None = None
    order_id: UUID | None = None


def taken(amount_minor: int, parts: Iterable[Part]) -> list[Side]:
    """Money was taken: the provider owes it to the shop, the shop owes it to merchants.

    Without parts it is nobody's: it was taken once too often. A negative amount, with negative
    parts, is money given back.
    """
    sides = [Side(LedgerAccount.PROVIDER_CLEARING, amount_minor)]
    sides += [
        Side(LedgerAccount.MERCHANT_PAYABLE, -part.amount_minor, part.merchant_id, part.order_id)
        for part in parts
        if part.amount_minor
    ]
    if len(sides) == 1:
        sides.append(Side(LedgerAccount.UNALLOCATED, -amount_minor))
    return sides


async def post(
    session: AsyncSession, *, payment_id: UUID, currency: str, sides: Sequence[Side]
) -> None:
    """Book one journal: one statement. The database refuses one that does not balance."""
    journal_id = new_id()
    rows = [
        {
            "id": new_id(),
            "journal_id": journal_id,
            "payment_id": payment_id,
            "currency": currency,
            **side._asdict(),
        }
        for side in sides
    ]
    await session.execute(insert(table_of(LedgerEntry)), rows)
