"""A long file takes no more memory than a short one. IMPORT_ROWS makes it longer."""

import asyncio
import csv
import os
import re
import sys
from pathlib import Path

import psutil
from sqlalchemy import func, select

from core.db import Database
from models.catalog import Product, Variant
from tests.factories.merchants import make_merchant

ROWS = int(os.environ.get("IMPORT_ROWS", "3000"))
GROWTH_MIB = 32


def written(file: Path, number: int) -> None:
    with file.open("w", newline="") as output:
        writer = csv.writer(output)
        columns = [
            "product",
            "sku",
            "name",
            "name:zh-Hans",
            "category",
            "price",
            "stock",
            "options",
        ]
        writer.writerow(columns)
        for n in range(number):
            product, size = divmod(n, 3)
            texts = [f"Thing {product}", f"东西 {product}", "Home > Things"]
            writer.writerow(
                [f"P{product}", f"S{n}", *texts, f"{n % 90 + 1}.50", n % 7, f"Size={'SML'[size]}"]
            )


async def test_memory_does_not_grow_with_the_file(
    root: Path, tmp_path: Path, fresh_database
) -> None:
    url = await fresh_database()
    db = Database(url, size=4)
    async with db.transaction() as session:
        merchant = await make_merchant(session)
    written(tmp_path / "long.csv", ROWS)
    environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(tmp_path)}
    command = ["-m", "tools.import_catalog", "long.csv", "--merchant", merchant.slug]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        "--create-missing",
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(root)},
        stdout=asyncio.subprocess.PIPE,
    )
    watched, sizes = psutil.Process(process.pid), []

    async def watch() -> None:
        while True:
            async with db.transaction() as session:
                if await session.scalar(select(func.count()).select_from(Product)):
                    sizes.append(watched.memory_info().rss / 2**20)
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch())
    out, _ = await process.communicate()
    watching.cancel()

    assert process.returncode == 0
    assert re.match(rf"Rows taken in: {ROWS}; refused: 0;", out.decode())
    assert len(sizes) > 2
    assert max(sizes) - sizes[0] < GROWTH_MIB, (sizes[0], max(sizes))
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Product)) == -(-ROWS // 3)
        assert await session.scalar(select(func.count()).select_from(Variant)) == ROWS
    await db.close()
