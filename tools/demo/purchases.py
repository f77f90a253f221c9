"""Purchases that shoppers of the demo made before you came: paid, and waiting to be shipped."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core.db import Database
from core.identity import Caller, CallerKind
from core.settings import Settings
from models.accounts import Address, User
from models.catalog import Variant
from models.checkout import DeliveryMethod
from models.inventory import StockLevel
from models.merchants import Merchant
from models.payments import PaymentMethod
from models.pricing import VariantPrice
from services import cart, checkout, payments
from services.cart import NewLine
from services.checkout import Details
from services.payments import NewPayment, PaymentProvider

CURRENCY: Final = "USD"
PLENTY: Final = 12  # of what there is so much that nobody misses a unit
PURCHASES: Final = (
    ("mira@demo.test", ("aurora-living", "papercrane-studio")),
    ("jun@demo.test", ("aurora-living", "lumen-and-byte")),
    ("mira@demo.test", ("tidewater-outfitters", "aurora-living")),
)


async def make_purchases(
    db: Database, settings: Settings, providers: Mapping[str, PaymentProvider]
) -> None:
    """Through the same services as everybody's; without a provider of cards there are none."""
    if "card" not in providers:
        return
    for number, (email, merchants) in enumerate(PURCHASES):
        caller, address = await _shopper(db, email)
        await _buy(db, settings, providers, caller, address, merchants, key=f"demo-{number}")


async def _shopper(db: Database, email: str) -> tuple[Caller, dict[str, Any]]:
    async with db.transaction() as session:
        user_id = await session.scalar(select(User.id).where(User.email == email))
        address = await session.scalar(select(Address).where(Address.user_id == user_id).limit(1))
    assert address is not None, "the demo's shoppers have addresses"
    parts = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country")
    values = {part: getattr(address, part) for part in (*parts, "phone")}
    return Caller(CallerKind.USER, user_id), values


async def _buy(
    db: Database,
    settings: Settings,
    providers: Mapping[str, PaymentProvider],
    caller: Caller,
    address: dict[str, Any],
    merchants: tuple[str, ...],
    *,
    key: str,
) -> None:
    """From an empty cart to a paid order group."""
    assert caller.subject is not None, "a user"
    async with db.transaction() as session:
        lines = [NewLine(await _something(session, slug), 1) for slug in merchants]
        cart_id = await cart.open_cart(session, owner_id=caller.subject, currency=CURRENCY)
        await cart.add_lines(session, caller, cart_id=cart_id, lines=lines)
        checkout_id = await checkout.create(
            session, caller, cart_id=cart_id, idempotency_key=key, hold=settings.checkout_hold
        )
        details = Details(
            email=str(await session.scalar(select(User.email).where(User.id == caller.subject))),
            shipping_address=address,
            deliveries=await _deliveries(session, merchants),
        )
        await checkout.set_details(session, caller, checkout_id=checkout_id, details=details)
        group_id = await checkout.complete(
            session,
            caller,
            checkout_id=checkout_id,
            idempotency_key=key,
            payment_window=settings.payment_window,
        )
    await payments.initialize(
        db,
        providers,
        caller,
        NewPayment(
            order_group_id=group_id,
            method=PaymentMethod.CARD,
            payment_method="pm_card_visa",
            return_url=None,
        ),
        idempotency_key=key,
        payment_window=settings.payment_window,
    )


async def _something(session: Any, merchant: str) -> UUID:
    """A variant of which the merchant has plenty."""
    plenty = (
        select(Variant.id)
        .join(Merchant, Merchant.id == Variant.merchant_id)
        .join(StockLevel, StockLevel.variant_id == Variant.id)
        .join(VariantPrice, VariantPrice.variant_id == Variant.id)
        .where(
            Merchant.slug == merchant,
            VariantPrice.currency == CURRENCY,
            StockLevel.available > PLENTY,
        )
        .order_by(StockLevel.available.desc(), Variant.sku)
        .limit(1)
    )
    found: UUID | None = await session.scalar(plenty)
    assert found is not None, f"{merchant} has plenty of something"
    return found


async def _deliveries(session: Any, merchants: tuple[str, ...]) -> dict[UUID, UUID]:
    standard = (
        select(DeliveryMethod.merchant_id, DeliveryMethod.id)
        .join(Merchant, Merchant.id == DeliveryMethod.merchant_id)
        .where(
            Merchant.slug.in_(merchants),
            DeliveryMethod.code == "standard",
            DeliveryMethod.currency == CURRENCY,
        )
    )
    return {row.merchant_id: row.id for row in await session.execute(standard)}
