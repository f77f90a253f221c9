"""Merchants that deliver, with variants on their shelves, and shoppers: what a purchase needs."""

from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import encode
from models.catalog import Variant
from models.checkout import DeliveryMethod
from models.inventory import Warehouse
from models.merchants import Merchant
from tests.factories.catalog import make_product, make_variant, make_warehouse
from tests.factories.merchants import make_merchant

ADDRESS: dict[str, Any] = {
    "name": "Ada Example",
    "line1": "1 Main Street",
    "city": "Springfield",
    "region": "IL",
    "postalCode": "12345",
    "country": "US",
    "phone": "+1 555 010 4321",
}


class Stall(NamedTuple):
    """A merchant with one warehouse, one way to deliver, and one variant."""

    merchant: Merchant
    warehouse: Warehouse
    delivery: DeliveryMethod
    variant: Variant


async def make_stall(
    session: AsyncSession, *, stock: int = 10, price_minor: int = 1_000, shipping_minor: int = 500
) -> Stall:
    """An active merchant who sells one variant and sends it anywhere."""
    merchant = await make_merchant(session)
    warehouse = await make_warehouse(session, merchant)
    delivery = DeliveryMethod(
        merchant_id=merchant.id,
        code="standard",
        name={"en": "Standard", "zh-Hans": "标准"},
        carrier_code="parcel-express",
        currency="USD",
        price_minor=shipping_minor,
        min_days=2,
        max_days=4,
    )
    session.add(delivery)
    product = await make_product(session, merchant=merchant, price_minor=price_minor)
    variant = await make_variant(
        session, product=product, warehouse=warehouse, stock=stock, price_minor=price_minor
    )
    return Stall(merchant, warehouse, delivery, variant)


def line(stall: Stall, quantity: int = 1) -> dict[str, Any]:
    """A CartLineInput of the stall's variant."""
    return {"variantId": encode("variant", stall.variant.id), "quantity": quantity}


def selection(stall: Stall) -> dict[str, Any]:
    """A DeliverySelectionInput of the stall's one way to deliver."""
    return {
        "merchantId": encode("merchant", stall.merchant.id),
        "optionId": encode("delivery", stall.delivery.id),
    }
