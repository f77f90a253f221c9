"""Search in a shop that just runs: the worker makes the demo's documents, by itself."""

import asyncio
import os
import subprocess
import sys

import asyncpg
import httpx

from tests.running import ROOT, Marketfront

FIND = '{ searchProducts(query: "lamp", first: 1) { nodes { name } } }'
COUNTS = """
SELECT (SELECT count(*) FROM products WHERE is_listed) AS products,
       (SELECT count(*) FROM search_documents WHERE is_listed) AS documents,
       (SELECT count(*) FROM search_changes) AS waiting
"""


async def counted_when_nothing_waits(database: str) -> asyncpg.Record:
    connection = await asyncpg.connect(database)
    try:
        for _ in range(100):
            counts = await connection.fetchrow(COUNTS)
            if counts["waiting"] == 0:
                break
            await asyncio.sleep(0.2)
        return counts
    finally:
        await connection.close()


async def test_what_the_demo_sells_is_found(shop_process: Marketfront) -> None:
    counts = await counted_when_nothing_waits(shop_process.database())
    async with httpx.AsyncClient(base_url=shop_process.url) as client:
        answer = await client.post("/graphql", json={"query": FIND})

    assert counts["documents"] == counts["products"] > 100
    assert counts["waiting"] == 0, "the worker makes what others changed, too"
    assert "Lamp" in answer.json()["data"]["searchProducts"]["nodes"][0]["name"]


def test_make_reindex_finds_the_shop_that_runs(shop_process: Marketfront) -> None:
    named = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")
    ours = {name: value for name, value in os.environ.items() if name not in named}
    reindexed = subprocess.run(
        [sys.executable, "-m", "tools.reindex"],
        cwd=ROOT,
        env={**ours, "DATA_DIR": str(shop_process.data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert reindexed.returncode == 0, reindexed.stderr
    assert reindexed.stdout.startswith("documents made: ")
