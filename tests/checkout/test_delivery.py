"""Which ways to deliver a shopper may choose."""

from typing import Any

from sqlalchemy import update

from core.db import Database
from models.checkout import DeliveryMethod
from tests.asking import Ask
from tests.factories.shops import ADDRESS, make_stall, selection
from tests.shopping import CHECKOUT_UPDATE, complete, start_cart, start_checkout


async def set_details(ask: Ask, checkout_id: str, **details: Any) -> Any:
    """The refusals of checkoutUpdate."""
    made = await ask(CHECKOUT_UPDATE, input={"checkoutId": checkout_id, **details})
    return made["checkoutUpdate"]["userErrors"]


async def test_what_does_not_serve_the_country_is_not_kept_whichever_is_set_first(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
        await session.execute(update(DeliveryMethod).values(countries=["DE"]))
    missing = []
    steps: list[dict[str, Any]] = [
        {"email": "ada@example.com", "shippingAddress": ADDRESS},
        {"deliveries": [selection(stall)]},
    ]
    for order in (steps, steps[::-1], [steps[0] | steps[1]]):
        guest, cart_id = await start_cart(ask, stall)
        checkout_id = await start_checkout(guest, cart_id)
        for details in order:
            assert await set_details(guest, checkout_id, **details) == []
        missing.append((await complete(guest, checkout_id))["userErrors"][0].get("missing"))

    assert missing == [["deliveries"]] * 3
