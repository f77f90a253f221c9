"""Lines of a cart: adding, changing, removing units of variants."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Query, run
from core.errors import DomainError, InvalidInput, NotFound, Refusals
from core.identity import Caller
from core.ids import new_id
from models.cart import CartLine
from models.catalog import Product, Variant
from models.inventory import StockLevel
from models.merchants import Merchant, MerchantStatus
from models.pricing import VariantPrice
from services.cart.changing import LockedCart, lock_cart, touch
from services.cart.errors import NotForSale, QuantityOutOfRange
from services.inventory import OutOfStock

MAX_UNITS_PER_LINE: Final = 99
MAX_LINES: Final = 100


class NewLine(NamedTuple):
    """Units of a variant to add."""

    variant_id: UUID
    quantity: int


class LineChange(NamedTuple):
    """The number of units that a line shall have; 0 removes it."""

    line_id: UUID
    quantity: int


class Offer(NamedTuple):
    """A variant that is for sale, and how many units of it the cart has. No price: not for sale."""

    id: UUID
    merchant_id: UUID
    amount_minor: int | None
    available: int
    in_cart: int


async def add_lines(
    session: AsyncSession,
    caller: Caller,
    *,
    cart_id: UUID,
    lines: Sequence[NewLine],
    expected_version: int | None = None,
) -> None:
    """Add units of variants to the caller's cart, joining the lines it may already have.

    Locks the cart row, so that two tabs adding at once are applied one after the other. Stock is
    checked here and reserved only at checkout. Each line remembers the price of this moment.

    Raises: NotFound, NotForSale, QuantityOutOfRange, OutOfStock, VersionConflict, InvalidInput.
    """
    _check_number(len(lines))
    cart = await lock_cart(session, caller, cart_id, expected_version)
    offers = await _offers(session, cart, [line.variant_id for line in lines])
    wanted: Counter[UUID] = Counter()
    refused: list[DomainError] = []
    for position, line in enumerate(lines):
        path = ("lines", str(position))
        offer = offers.get(line.variant_id)
        if offer is None:
            refused.append(
                NotFound(kind="ProductVariant", id=line.variant_id, path=(*path, "variantId"))
            )
            continue
        wanted[line.variant_id] += line.quantity
        units = offer.in_cart + wanted[line.variant_id]
        if line.quantity < 1:
            units = line.quantity
        refused += _refusal(offer, units, path)
    if refused:
        raise Refusals(refused)
    await _write(
        session, cart, {key: offers[key].in_cart + units for key, units in wanted.items()}, offers
    )


async def update_lines(
    session: AsyncSession,
    caller: Caller,
    *,
    cart_id: UUID,
    changes: Sequence[LineChange],
    expected_version: int | None = None,
) -> None:
    """Give lines another number of units; 0 removes a line. Accepts the prices of this moment.

    Raises: NotFound, NotForSale, QuantityOutOfRange, OutOfStock, VersionConflict, InvalidInput.
    """
    _check_number(len(changes))
    cart = await lock_cart(session, caller, cart_id, expected_version)
    ids = [change.line_id for change in changes]
    found = await session.execute(_LINES, {"cart": cart.id, "ids": ids})
    variants: dict[UUID, UUID] = {row.id: row.variant_id for row in found}
    for position, change in enumerate(changes):
        if change.line_id not in variants:
            where = ("lines", str(position), "lineId")
            raise NotFound(kind="CartLine", id=change.line_id, path=where)
    kept = {variants[each.line_id]: each.quantity for each in changes if each.quantity}
    offers = await _offers(session, cart, list(kept))
    refused: list[DomainError] = []
    for position, change in enumerate(changes):
        offer = offers.get(variants[change.line_id])
        path = ("lines", str(position))
        if change.quantity and offer is None:
            refused.append(NotForSale(variant_id=variants[change.line_id], path=path))
        elif change.quantity and offer is not None:
            refused += _refusal(offer, change.quantity, path)
    if refused:
        raise Refusals(refused)
    removed = [change.line_id for change in changes if not change.quantity]
    if removed:
        await session.execute(_REMOVE, {"cart": cart.id, "ids": removed})
    await _write(session, cart, kept, offers)


async def _offers(
    session: AsyncSession, cart: LockedCart, variants: Sequence[UUID]
) -> dict[UUID, Offer]:
    """Variant id -> what is for sale: price, available, units in the cart already."""
    if not variants:
        return {}
    found = await run(
        session, _OFFERS, cart=cart.id, currency=cart.currency, variants=list({*variants})
    )
    return {row["id"]: Offer(**row) for row in found}


def _refusal(offer: Offer, units: int, path: tuple[str, ...]) -> list[DomainError]:
    """Why a line can't have so many units."""
    if not 1 <= units <= MAX_UNITS_PER_LINE:
        return [
            QuantityOutOfRange(
                requested=units, minimum=1, maximum=MAX_UNITS_PER_LINE, path=(*path, "quantity")
            )
        ]
    if offer.amount_minor is None:
        return [NotForSale(variant_id=offer.id, path=path)]
    if units > offer.available:
        return [
            OutOfStock(
                variant_id=offer.id,
                requested=units,
                available=offer.available,
                path=(*path, "quantity"),
            )
        ]
    return []


async def _write(
    session: AsyncSession,
    cart: LockedCart,
    wanted: Mapping[UUID, int],
    offers: Mapping[UUID, Offer],
) -> None:
    """Upsert the lines, count the cart's change, record the event."""
    if wanted:
        await run(
            session,
            _UPSERT,
            cart=cart.id,
            ids=[new_id() for _ in wanted],
            variants=[*wanted],
            merchants=[offers[variant_id].merchant_id for variant_id in wanted],
            quantities=[*wanted.values()],
            prices=[offers[variant_id].amount_minor for variant_id in wanted],
        )
    if await touch(session, cart.id) > MAX_LINES:
        raise InvalidInput(problem=f"A cart takes at most {MAX_LINES} lines.", path=("lines",))


def _check_number(lines: int) -> None:
    if not 1 <= lines <= MAX_LINES:
        raise InvalidInput(problem=f"Send 1 to {MAX_LINES} lines.", path=("lines",))


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_CART = bindparam("cart", type_=Uuid())
_LINES = select(CartLine.id, CartLine.variant_id).where(
    CartLine.cart_id == _CART, CartLine.id == any_(_IDS)
)
_REMOVE = (
    delete(CartLine)
    .where(CartLine.cart_id == _CART, CartLine.id == any_(_IDS))
    .execution_options(synchronize_session=False)
)
_available = (
    select(func.coalesce(func.sum(StockLevel.available), 0))
    .where(StockLevel.variant_id == Variant.id)
    .scalar_subquery()
)
_in_cart = (
    select(func.coalesce(func.max(CartLine.quantity), 0))
    .where(CartLine.cart_id == _CART, CartLine.variant_id == Variant.id)
    .scalar_subquery()
)
_OFFERS = Query(
    select(
        Variant.id,
        Variant.merchant_id,
        VariantPrice.amount_minor,
        _available.label("available"),
        _in_cart.label("in_cart"),
    )
    .join(Product, Product.id == Variant.product_id)
    .join(Merchant, Merchant.id == Variant.merchant_id)
    .outerjoin(
        VariantPrice,
        (VariantPrice.variant_id == Variant.id) & (VariantPrice.currency == bindparam("currency")),
    )
    .where(
        Variant.id == any_(bindparam("variants", type_=ARRAY(Uuid()))),
        Variant.is_active,
        Product.is_listed,
        Merchant.status == MerchantStatus.ACTIVE,
    )
)
_wanted = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("variants", type_=ARRAY(Uuid())),
        bindparam("merchants", type_=ARRAY(Uuid())),
        bindparam("quantities", type_=ARRAY(Integer())),
        bindparam("prices", type_=ARRAY(BigInteger())),
    )
    .table_valued("id", "variant_id", "merchant_id", "quantity", "unit_price_minor")
    .render_derived(name="wanted")
)
_lines = insert(CartLine).from_select(
    ["id", "variant_id", "merchant_id", "quantity", "unit_price_minor", "cart_id"],
    select(*_wanted.c, _CART),
    include_defaults=False,
)
_UPSERT = Query(
    _lines.on_conflict_do_update(
        index_elements=["cart_id", "variant_id"],
        set_={name: _lines.excluded[name] for name in ("quantity", "unit_price_minor")},
    )
)
