"""Details of a checkout: e-mail, addresses, delivery per merchant, in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Uuid,
    any_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import InvalidInput, NotFound, VersionConflict
from core.identity import Caller
from models.checkout import (
    Checkout,
    CheckoutDelivery,
    CheckoutLine,
    CheckoutStatus,
    DeliveryMethod,
)
from services import accounts, events
from services.checkout.errors import CheckoutClosed

MAX_PURCHASE_ORDER_NUMBER = 100


@dataclass(frozen=True, kw_only=True)
class Details:
    """What the shopper sets; None leaves a thing as it is. deliveries: merchant -> method."""

    email: str | None = None
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    deliveries: Mapping[UUID, UUID] | None = None
    purchase_order_number: str | None = None


async def set_details(
    session: AsyncSession,
    caller: Caller,
    *,
    checkout_id: UUID,
    details: Details,
    expected_version: int | None = None,
) -> None:
    """Set any of a checkout's details; all of them, or none. Locks the checkout.

    A delivery method that does not serve the shipping address' country is taken out again,
    whichever was set first, so that the shopper is asked once more.

    Raises: NotFound, CheckoutClosed, VersionConflict, InvalidInput.
    """
    checkout = await lock_open(session, caller, checkout_id)
    if expected_version is not None and expected_version != checkout.version:
        raise VersionConflict(current_version=checkout.version, path=("expectedVersion",))
    values = _checked(details)
    changed = await session.execute(
        update(Checkout)
        .where(Checkout.id == checkout_id)
        .values(**values, version=Checkout.version + 1, updated_at=now())
        .returning(Checkout.version, Checkout.shipping_address["country"].astext)
        .execution_options(synchronize_session=False)
    )
    version, country = changed.one()
    if details.deliveries:
        await _select_deliveries(session, checkout, details.deliveries)
    if country is not None and (details.deliveries or details.shipping_address is not None):
        await _drop_unserved(session, checkout_id, country)
    await events.record(session, events.event("CheckoutChanged", checkout_id, version=version))


def _checked(details: Details) -> dict[str, Any]:
    """Columns to set. Raises: InvalidInput."""
    values: dict[str, Any] = {}
    if details.email is not None:
        values["email"] = accounts.checked_email(details.email, "email")
    if details.shipping_address is not None:
        values["shipping_address"] = accounts.checked_address(
            details.shipping_address, ("shippingAddress",)
        )
    if details.billing_address is not None:
        values["billing_address"] = accounts.checked_address(
            details.billing_address, ("billingAddress",)
        )
    number = details.purchase_order_number
    if number is not None:
        if len(number) > MAX_PURCHASE_ORDER_NUMBER:
            problem = f"At most {MAX_PURCHASE_ORDER_NUMBER} characters."
            raise InvalidInput(problem=problem, path=("purchaseOrderNumber",))
        values["purchase_order_number"] = number
    return values


async def lock_open(session: AsyncSession, caller: Caller, checkout_id: UUID) -> Any:
    """The caller's open checkout, locked.

    Raises: NotFound, CheckoutClosed.
    """
    checkout = await lock(session, caller, checkout_id)
    check_open(checkout)
    return checkout


def check_open(checkout: Any) -> None:
    """Raises: CheckoutClosed."""
    if checkout.status != CheckoutStatus.OPEN:
        raise CheckoutClosed(status=checkout.status, path=("checkoutId",))
    if checkout.expires_at <= now():
        raise CheckoutClosed(status=CheckoutStatus.EXPIRED, path=("checkoutId",))


async def lock(session: AsyncSession, caller: Caller, checkout_id: UUID) -> Any:
    """The caller's checkout in whatever state, locked. Raises: NotFound."""
    mine = select(*Checkout.__table__.c).where(
        Checkout.id == checkout_id, Checkout.owner_id == caller.subject
    )
    checkout = (await session.execute(mine.with_for_update())).first()
    if checkout is None:
        raise NotFound(kind="Checkout", id=checkout_id, path=("checkoutId",))
    return checkout


async def _select_deliveries(
    session: AsyncSession, checkout: Any, deliveries: Mapping[UUID, UUID]
) -> None:
    """Raises: NotFound for a merchant that is not in the checkout, or another merchant's method."""
    offered = await session.execute(
        _METHODS,
        {"methods": list(deliveries.values()), "checkout": checkout.id},
    )
    found = {row.id: row for row in offered}
    rows = []
    for position, (merchant_id, method_id) in enumerate(deliveries.items()):
        method = found.get(method_id)
        if method is None or method.merchant_id != merchant_id:
            path = ("deliveries", str(position), "optionId")
            raise NotFound(kind="DeliveryOption", id=method_id, path=path)
        rows.append(
            {
                "checkout_id": checkout.id,
                "merchant_id": merchant_id,
                "delivery_method_id": method_id,
                "price_minor": method.price_minor,
            }
        )
    upsert = insert(CheckoutDelivery).values(rows)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=["checkout_id", "merchant_id"],
            set_={
                "delivery_method_id": upsert.excluded.delivery_method_id,
                "price_minor": upsert.excluded.price_minor,
            },
        )
    )


async def _drop_unserved(session: AsyncSession, checkout_id: UUID, country: str) -> None:
    unserved = select(DeliveryMethod.id).where(
        DeliveryMethod.id == CheckoutDelivery.delivery_method_id, ~serves(literal(country))
    )
    await session.execute(
        delete(CheckoutDelivery)
        .where(
            CheckoutDelivery.checkout_id == checkout_id,
            CheckoutDelivery.delivery_method_id.in_(unserved),
        )
        .execution_options(synchronize_session=False)
    )


def serves(country: Any) -> Any:
    """Whether a method serves a country (an SQL expression); without a list it serves all."""
    return or_(
        func.cardinality(DeliveryMethod.countries) == 0,
        country == any_(DeliveryMethod.countries),
    )


def price_for(subtotal: Any) -> Any:
    """What a method costs for goods worth `subtotal`: nothing from its threshold on."""
    return case((subtotal >= DeliveryMethod.free_from_minor, 0), else_=DeliveryMethod.price_minor)


_goods = (
    select(
        CheckoutLine.merchant_id,
        func.sum(CheckoutLine.quantity * CheckoutLine.unit_price_minor).label("subtotal"),
    )
    .where(CheckoutLine.checkout_id == bindparam("checkout", type_=Uuid()))
    .group_by(CheckoutLine.merchant_id)
    .subquery()
)
_METHODS = (
    select(
        DeliveryMethod.id,
        DeliveryMethod.merchant_id,
        price_for(_goods.c.subtotal).label("price_minor"),
    )
    .join(_goods, _goods.c.merchant_id == DeliveryMethod.merchant_id)
    .join(Checkout, Checkout.id == bindparam("checkout", type_=Uuid()))
    .where(
        DeliveryMethod.id == any_(bindparam("methods", type_=ARRAY(Uuid()))),
        DeliveryMethod.is_active,
        DeliveryMethod.currency == Checkout.currency,
    )
)
