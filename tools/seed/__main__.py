"""`python -m tools.seed --products N`: fills the database at DATABASE_URL, or another one."""

import argparse
import asyncio
import sys

from core.settings import Settings
from tools.seed.loading import LARGEST, SMALLEST, Refused, seed


def main(settings: Settings) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.seed", description=__doc__)
    parser.add_argument(
        "--products", type=int, default=1000, help=f"{SMALLEST:,} to {LARGEST:,}; 1,000 if not said"
    )
    parser.add_argument("--url", default=settings.database_url, help="instead of DATABASE_URL")
    parser.add_argument("--force", action="store_true", help="add to products of other origin")
    told = parser.parse_args()
    if not told.url:
        parser.error("set DATABASE_URL or say --url")
    filling = seed(
        told.url,
        products=told.products,
        currency=settings.shop_currency,
        is_forced=told.force,
    )
    try:
        seconds = asyncio.run(filling)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    sys.stdout.write(
        f"{told.products:,} products, {3 * told.products:,} variants: {seconds:.1f} s\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Settings()))
