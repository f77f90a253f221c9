"""The synthetic shop of the benchmark keeps the rules that the real one is held to."""

import pytest
from sqlalchemy import func, select, text

from core.db import Database
from models.catalog import Product, Variant
from models.orders import Order
from tools.seed.loading import Refused, seed

BROKEN = {
    "stock is the sum of its movements": """
        SELECT count(*) FROM stock_levels l WHERE (l.on_hand, l.reserved, l.allocated) <>
        (SELECT coalesce(sum(on_hand_delta), 0), coalesce(sum(reserved_delta), 0),
                coalesce(sum(allocated_delta), 0) FROM stock_movements m
         WHERE m.variant_id = l.variant_id AND m.warehouse_id = l.warehouse_id)""",
    "a product's prices are those of its variants": """
        SELECT count(*) FROM products p WHERE (p.price_min_minor, p.price_max_minor) <>
        (SELECT min(amount_minor), max(amount_minor) FROM variant_prices JOIN variants v
         ON v.id = variant_id WHERE v.product_id = p.id AND currency = 'USD')""",
    "orders are the sum of their lines": """
        SELECT count(*) FROM orders o WHERE o.subtotal_minor <>
        (SELECT sum(total_minor) FROM order_lines WHERE order_id = o.id)""",
    "groups are the sum of their orders": """
        SELECT count(*) FROM order_groups g WHERE g.total_minor <>
        (SELECT sum(total_minor) FROM orders WHERE group_id = g.id)""",
}


async def test_a_thousand_products_and_the_trade_in_them(fresh_database) -> None:
    url = await fresh_database()

    seconds = await seed(url, products=1000, currency="USD")
    again = await seed(url, products=1000, currency="USD")

    assert (seconds > 0, again) == (True, 0.0)
    with pytest.raises(Refused):
        await seed(url, products=2000, currency="USD")
    db = Database(url, size=2)
    async with db.transaction() as session:
        for model, number in ((Product, 1000), (Variant, 3000), (Order, 2000)):
            assert await session.scalar(select(func.count()).select_from(model)) == number
        for rule, violations in BROKEN.items():
            assert await session.scalar(text(violations)) == 0, rule
    await db.close()
