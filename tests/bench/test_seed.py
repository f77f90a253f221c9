"""The seeding tool: the same rows every time, consistent, and nothing on top of others' rows."""

import asyncpg
import pytest

from core.db import Database, plain_url
from core.settings import Settings
from tests.bench.conftest import Seeded
from tests.factories.catalog import make_product
from tools.seed.loading import SMALLEST, Refused, seed


async def one(url: str, query: str) -> object:
    connection = await asyncpg.connect(plain_url(url))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_everything_that_was_asked_for_is_there(seeded: Seeded) -> None:
    url = seeded.settings.database_url

    assert await one(url, "SELECT count(*) FROM products WHERE is_listed") == SMALLEST
    assert await one(url, "SELECT count(*) FROM variants") == 3 * SMALLEST
    assert await one(url, "SELECT count(*) FROM orders") == 2000
    assert await one(url, "SELECT count(*) FROM carts WHERE status = 'OPEN'") == 200


async def test_stock_and_money_add_up(seeded: Seeded) -> None:
    url = seeded.settings.database_url

    unbalanced = await one(
        url,
        "SELECT count(*) FROM (SELECT journal_id FROM ledger_entries GROUP BY journal_id"
        " HAVING sum(amount_minor) <> 0) AS journals",
    )
    astray = await one(
        url,
        "SELECT count(*) FROM stock_levels LEFT JOIN (SELECT variant_id, sum(on_hand_delta) AS moved"
        " FROM stock_movements GROUP BY variant_id) AS moves USING (variant_id)"
        " WHERE on_hand IS DISTINCT FROM moved",
    )

    assert (unbalanced, astray) == (0, 0)


async def test_a_second_run_finds_the_products_and_writes_nothing(seeded: Seeded) -> None:
    url = seeded.settings.database_url
    before = await one(url, "SELECT sum(hashtext(id::text)) FROM products")

    assert await seed(url, products=SMALLEST, currency="USD") == 0.0

    assert await one(url, "SELECT sum(hashtext(id::text)) FROM products") == before


@pytest.mark.parametrize("products", [999, 1_000_001, 2_000])
async def test_another_number_of_products_is_refused(seeded: Seeded, products: int) -> None:
    with pytest.raises(Refused):
        await seed(seeded.settings.database_url, products=products, currency="USD")

    assert await one(seeded.settings.database_url, "SELECT count(*) FROM products") == SMALLEST


async def test_products_of_others_are_left_alone(db: Database, settings: Settings) -> None:
    async with db.transaction() as session:
        await make_product(session)

    with pytest.raises(Refused):
        await seed(settings.database_url, products=SMALLEST, currency="USD")

    assert await one(settings.database_url, "SELECT count(*) FROM products") == 1
