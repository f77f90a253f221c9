"""Setting prices of variants that are there already."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound, Refusals
from core.identity import Caller, Permission
from models.catalog import Product, Variant
from services import events
from services.catalog.denormalised import refresh
from services.catalog.errors import placed
from services.pricing import NewPrice, problem_of, put_prices

MAX_PRICES: Final = 500
_IDS: Final = bindparam("ids", type_=ARRAY(Uuid()))
_OWNERS: Final = select(Variant.id, Variant.product_id, Variant.merchant_id).where(
    Variant.id == any_(_IDS)
)
_LOCK: Final = (
    select(Product.id).where(Product.id == any_(_IDS)).order_by(Product.id)
).with_for_update(key_share=True)
_CHANGE: Final = (
    update(Variant)
    .where(Variant.id == any_(_IDS))
    .values(version=Variant.version + 1)
    .returning(Variant.id, Variant.product_id, Variant.version)
)


async def set_prices(
    session: AsyncSession,
    caller: Caller,
    *,
    prices: Sequence[tuple[UUID, NewPrice]],
    currency: str,
) -> None:
    """Set prices of variants of any merchants for whom the caller manages prices; all or nothing.

    prices: (variant id, price). currency: the shop's. Locks the products. Seven statements.

    Raises: InvalidInput for none or more than MAX_PRICES; Refusals of NotFound and InvalidInput.
    """
    if not 0 < len(prices) <= MAX_PRICES:
        problem = f"Send 1 to {MAX_PRICES} prices at once."
        raise InvalidInput(problem=problem, path=("prices",))
    found = await session.execute(_OWNERS, {"ids": [variant_id for variant_id, _ in prices]})
    mine = {
        row.id: row.product_id
        for row in found
        if caller.may(Permission.MANAGE_PRICES, row.merchant_id)
    }
    if refusals := list(_refusals(prices, mine)):
        raise Refusals(refusals)
    await session.execute(_LOCK, {"ids": list({*mine.values()})})
    changed = await put_prices(session, prices)
    if not changed:
        return
    rows = (await session.execute(_CHANGE, {"ids": list(changed)})).all()
    await refresh(session, {row.product_id for row in rows}, currency=currency)
    await events.record(
        session,
        *[
            events.event(
                "VariantChanged", row.id, product_id=row.product_id.hex, version=row.version
            )
            for row in rows
        ],
    )


def _refusals(
    prices: Sequence[tuple[UUID, NewPrice]], mine: dict[UUID, UUID]
) -> Iterator[DomainError]:
    seen: set[tuple[UUID, str]] = set()
    for n, (variant_id, price) in enumerate(prices):
        here = ("prices", str(n))
        if variant_id not in mine:
            yield NotFound(kind="ProductVariant", id=variant_id, path=(*here, "variantId"))
        elif problem := problem_of(price):
            yield placed(problem, *here)
        elif (variant_id, price.currency) in seen:
            problem = InvalidInput(problem="This price is set twice.", path=here)
            yield problem
        seen.add((variant_id, price.currency))
