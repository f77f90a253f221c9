"""Prices as they are given, checked and written."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput
from core.money import CURRENCIES, parse_amount
from models.catalog import Variant
from models.pricing import VariantPrice
from services import audit
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
_put = _insert.on_conflict_do_update(
    index_elements=["variant_id", "currency"],
    set_={
        "amount_minor": _insert.excluded.amount_minor,
        "compare_at_minor": _insert.excluded.compare_at_minor,
    },
    where=func.row(_PRICES.c.amount_minor, _PRICES.c.compare_at_minor).is_distinct_from(
        func.row(_insert.excluded.amount_minor, _insert.excluded.compare_at_minor)
    ),
).returning(
    *(_PRICES.c[name] for name in ("variant_id", "currency", "amount_minor", "compare_at_minor"))
)
_written = _put.cte("written")
# Read beside the writing, the table still shows what stood there before the statement.
_PUT: Final = (
    select(
        _written.c.variant_id,
        _written.c.currency,
        _written.c.amount_minor,
        _written.c.compare_at_minor,
        _PRICES.c.amount_minor.label("old_amount_minor"),
        _PRICES.c.compare_at_minor.label("old_compare_at_minor"),
        Variant.merchant_id,
    )
    .join(Variant, Variant.id == _written.c.variant_id)
    .outerjoin(
        _PRICES,
        and_(
            _PRICES.c.variant_id == _written.c.variant_id,
            _PRICES.c.currency == _written.c.currency,
        ),
    )
)


async def put_prices(
    session: AsyncSession,
    prices: Sequence[tuple[UUID, NewPrice]],
    *,
    new: Container[UUID] = frozenset(),
) -> frozenset[UUID]:
    """Write checked prices of variants whose products the caller has locked: two statements.

    Gives the variants of which a price is another one now. Of two prices of a variant in one
    currency the last one counts. new: variants made in this transaction, whose first prices
    change nothing that anybody has seen: the audit log does not tell of them.
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
    changed = (await session.execute(_PUT, {"rows": list(rows.values())})).all()
    await audit.record(session, *[_entry(row) for row in changed if row.variant_id not in new])
    return frozenset(row.variant_id for row in changed)


def _entry(row: Any) -> audit.Entry:
    """With the currency on both sides: amounts mean nothing without it."""
    old = {
        "currency": row.currency,
        "amount_minor": row.old_amount_minor,
        "compare_at_minor": row.old_compare_at_minor,
    }
    return audit.entry(
        "PRICE_CHANGED",
        "ProductVariant",
        row.variant_id,
        merchant_id=row.merchant_id,
        before=None if row.old_amount_minor is None else old,
        after={
            "currency": row.currency,
            "amount_minor": row.amount_minor,
            "compare_at_minor": row.compare_at_minor,
        },
    )
