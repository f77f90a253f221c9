"""Writes the synthetic catalogue with a few large statements, all or nothing."""

import time
from pathlib import Path
from typing import Any, Final

import asyncpg

from core.db import plain_url

HERE: Final = Path(__file__).parent
SCRIPTS: Final = ("catalogue.sql", "trade.sql")
SMALLEST, LARGEST = 1_000, 1_000_000
MANY: Final = 50_000  # from here on it pays to build the indexes afterwards

_FOUND = """
SELECT count(*) FILTER (WHERE external_reference ^@ 'synthetic-') AS synthetic,
       count(*) FILTER (WHERE external_reference IS NULL
                           OR NOT external_reference ^@ 'synthetic-') AS others
FROM products
"""
_INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index
WHERE NOT indisunique AND indrelid::regclass::text = ANY($1)
"""
# These rows come past the services and their events; a worker, or `make reindex`, makes documents.
_NOTE = """
INSERT INTO search_changes (product_id, is_bulk)
SELECT id, true FROM products WHERE external_reference ^@ 'synthetic-'
ON CONFLICT DO NOTHING
"""
_LARGE: Final = (
    "products",
    "product_attribute_values",
    "product_media",
    "variants",
    "variant_prices",
    "stock_levels",
    "stock_movements",
)


class Refused(Exception):
    """The database is not one to be filled; the message says why."""


async def seed(url: str, *, products: int, currency: str, is_forced: bool = False) -> float:
    """Fill a migrated database; the seconds it took, 0 when these products are there already.

    products: SMALLEST to LARGEST, each with three variants; orders and carts are always as many.
    is_forced: add to a database that has products of its own.

    Raises: Refused.
    """
    if not SMALLEST <= products <= LARGEST:
        raise Refused(f"Between {SMALLEST:,} and {LARGEST:,} products, please.")
    started = time.perf_counter()
    connection = await asyncpg.connect(plain_url(url))
    try:
        found = await connection.fetchrow(_FOUND)
        if found["synthetic"] == products:
            return 0.0
        if found["synthetic"]:
            raise Refused(f"It was filled with {found['synthetic']:,} synthetic products before.")
        if found["others"] and not is_forced:
            raise Refused("It has other products; --force adds to them.")
        async with connection.transaction():
            await _fill(connection, products, currency)
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()
    return time.perf_counter() - started


async def _fill(connection: Any, products: int, currency: str) -> None:
    for name, value in (("products", str(products)), ("currency", currency)):
        await connection.execute(f"SELECT set_config('seed.{name}', $1, true)", value)
    indexes = []
    if products >= MANY:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        indexes = await connection.fetch(_INDEXES, _LARGE)
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    for script in SCRIPTS:
        await connection.execute((HERE / script).read_text())
    for index in indexes:
        await connection.execute(index["definition"])
    await connection.execute(_NOTE)
