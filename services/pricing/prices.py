"""Prices as they are given, checked and written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput
from core.money import CURRENCIES, parse_amount
from models.pricing import VariantPrice
from services.recordset import insertion, table_of

# Sums of whole orders, at most 99 units in each of hundreds of lines, must stay in 64 bits.
MAX_PRICE_MINOR: Final = 10**13


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """What a unit costs, tax included, in minor units; compare_at_minor: what it cost before.

    problem: why it is no price at all, when it came as texts that say nothing.
    """

    currency: str
    amount_minor: int
    compare_at_minor: int | None = None
    problem: str = ""

    @classmethod
    def of(cls, *, currency: str, amount: str, compare_at: str | None = None) -> Self:
        """From decimal texts: `12.50`. What is wrong with them, `problem_of` tells."""
        try:
            before = None if compare_at is None else parse_amount(compare_at, currency)
            return cls(
                currency=currency,
                amount_minor=parse_amount(amount, currency),
                compare_at_minor=before,
            )
        except ValueError as error:
            return cls(
                currency=currency, amount_minor=0, problem=f"The amount is no good: {error}."
            )


def problem_of(price: NewPrice) -> InvalidInput | None:
    """What no price may be; the path is relative to the price."""
    if price.currency not in CURRENCIES:
        return InvalidInput(problem="A currency is three capital letters.", path=("currency",))
    if price.problem or not 0 <= price.amount_minor <= MAX_PRICE_MINOR:
        problem = price.problem or f"A price is 0 to {MAX_PRICE_MINOR} minor units."
        return InvalidInput(problem=problem, path=("amount",))
    before = price.compare_at_minor
    if before is not None and not price.amount_minor < before <= MAX_PRICE_MINOR:
        problem = "The price to compare with must be higher than the price."
        return InvalidInput(problem=problem, path=("compareAt",))
    return None


_PRICES: Final = table_of(VariantPrice)
_insert = insertion(VariantPrice, "variant_id", "currency", "amount_minor", "compare_at_minor")
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=["variant_id", "currency"],
    set_={
        "amount_minor": _insert.excluded.amount_minor,
        "compare_at_minor": _insert.excluded.compare_at_minor,
    },
    where=func.row(_PRICES.c.amount_minor, _PRICES.c.compare_at_minor).is_distinct_from(
        func.row(_insert.excluded.amount_minor, _insert.excluded.compare_at_minor)
    ),
).returning(_PRICES.c.variant_id)


async def put_prices(
    session: AsyncSession, prices: Sequence[tuple[UUID, NewPrice]]
) -> frozenset[UUID]:
    """Write checked prices of variants whose products the caller has locked: one statement.

    Gives the variants of which a price is another one now. Of two prices of a variant in one
    currency the last one counts.
    """
    rows = {
        (variant_id, price.currency): {
            "variant_id": variant_id,
            "currency": price.currency,
            "amount_minor": price.amount_minor,
            "compare_at_minor": price.compare_at_minor,
        }
        for variant_id, price in prices
    }
    if not rows:
        return frozenset()
    changed = await session.scalars(_PUT, {"rows": list(rows.values())})
    return frozenset(changed)
