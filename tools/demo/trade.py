"""Warehouses with stock, carriers and ways of delivery."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.money import parse_amount
from models.checkout import DeliveryMethod
from models.inventory import MovementKind, StockLevel, StockMovement, Warehouse
from models.shipments import Carrier
from tools.demo import stories
from tools.demo.catalogue import YUAN_PER_DOLLAR
from tools.demo.stories import texts


async def make_trade(
    session: AsyncSession,
    merchants: Mapping[str, UUID],
    stock: Sequence[tuple[UUID, UUID, int]],
) -> None:
    """stock: (merchant, variant, units), for the merchants' only warehouses."""
    told = stories.read("trade")
    carriers = [
        {
            **{name: each[name] for name in ("code", "name", "kind", "tracking_url")},
            "services": [{"code": code, "name": name} for code, name in each["services"]],
        }
        for each in told["carriers"]
    ]
    await session.execute(insert(Carrier), carriers)
    methods = [
        _method(merchant_id, each, currency)
        for merchant_id in merchants.values()
        for each in told["delivery"]
        for currency in ("USD", "CNY")
    ]
    await session.execute(insert(DeliveryMethod), methods)
    await _fill(session, await _warehouses(session, merchants), stock)


def _method(merchant_id: UUID, told: Mapping[str, Any], currency: str) -> dict[str, Any]:
    rate = 1 if currency == "USD" else YUAN_PER_DOLLAR
    free_from = told.get("free_from")
    return {
        "merchant_id": merchant_id,
        "code": told["code"],
        "name": texts(told["name"]),
        "carrier_code": told["carrier"],
        "currency": currency,
        "price_minor": parse_amount(told["usd"], "USD") * rate,
        "free_from_minor": free_from and parse_amount(free_from, "USD") * rate,
        "min_days": told["days"][0],
        "max_days": told["days"][1],
        "countries": told["countries"],
    }


async def _warehouses(session: AsyncSession, merchants: Mapping[str, UUID]) -> dict[UUID, UUID]:
    """Merchant -> its warehouse."""
    made: dict[UUID, UUID] = {}
    rows = []
    for slug, told in stories.merchants().items():
        made[merchants[slug]] = new_id()
        rows.append(
            {
                "id": made[merchants[slug]],
                "merchant_id": merchants[slug],
                "code": "MAIN",
                "name": f"{told['name']}, {told['city']}",
                "address": {name: told[name] for name in ("city", "region", "country")},
                "is_pickup_point": told["mode"] == "O2O",
            }
        )
    await session.execute(insert(Warehouse), rows)
    return made


async def _fill(
    session: AsyncSession,
    warehouses: Mapping[UUID, UUID],
    stock: Sequence[tuple[UUID, UUID, int]],
) -> None:
    places = [
        {"warehouse_id": warehouses[merchant], "variant_id": variant, "merchant_id": merchant}
        for merchant, variant, _ in stock
    ]
    counted = [(place, units) for place, (_, _, units) in zip(places, stock, strict=True)]
    await session.execute(
        insert(StockLevel), [{**place, "on_hand": units} for place, units in counted]
    )
    moved = [
        {
            **place,
            "id": new_id(),
            "kind": MovementKind.ADJUSTMENT,
            "on_hand_delta": units,
            "reason": "Opening stock",
        }
        for place, units in counted
        if units
    ]
    await session.execute(insert(StockMovement), moved)
