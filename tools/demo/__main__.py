"""`python -m tools.demo`: loads the demo shop, unless it is there, and says who can sign in."""

import asyncio
import json
import sys
from pathlib import Path

from sqlalchemy import exists, select

from core.db import Database, Reader
from core.settings import Settings
from endpoints.demo import ACCOUNTS
from integrations.payments.providers import providers
from models.merchants import Merchant
from search import indexing
from tools.demo import gallery, stories
from tools.demo.catalogue import make_catalogue
from tools.demo.clients import STOREFRONT, make_clients
from tools.demo.people import make_merchants, make_people, password_hashes
from tools.demo.purchases import make_purchases
from tools.demo.search import make_search
from tools.demo.trade import make_trade


async def load(db: Database, data_dir: Path) -> bool:
    """Everything in one transaction; False when the demo shop is there already."""
    if await _is_there(db):
        return False
    drawn = await asyncio.to_thread(gallery.draw, data_dir / "media")
    hashes = await password_hashes()
    async with db.transaction() as session:
        merchants = await make_merchants(session)
        await make_people(session, merchants, hashes)
        await make_clients(session)
        shelf = await make_catalogue(session, merchants)
        await gallery.hang(session, drawn, shelf.products)
        await make_trade(session, merchants, shelf.stock)
        await make_search(session)
    return True


async def _is_there(db: Database) -> bool:
    async with db.transaction() as session:
        found = select(exists().where(Merchant.slug == stories.MERCHANTS[0]))
        return bool(await session.scalar(found))


async def make_documents(db: Database, settings: Settings) -> None:
    """What the worker would do in a moment: whoever searches first finds something already."""
    reader = Reader(settings.database_url, size=1)
    await reader.open()
    try:
        await indexing.note_everything(db)
        while await indexing.make(db, reader, is_pushed=bool(settings.elasticsearch_url)):
            pass
    finally:
        reader.close()


async def main(settings: Settings) -> None:
    db = Database(settings.database_url, size=4)
    try:
        if await load(db, settings.data_dir):
            async with providers(settings) as known:
                await make_purchases(db, settings, known)
            await make_documents(db, settings)
    finally:
        await db.close()
    accounts = stories.accounts()
    (settings.data_dir / ACCOUNTS).write_text(json.dumps(accounts, ensure_ascii=False))
    merchants = stories.merchants().values()
    products = sum(len(merchant["products"]) for merchant in merchants)
    sys.stdout.write(f"{products} products of {len(merchants)} merchants; sign in as:\n")
    for account in accounts:
        sys.stdout.write(f"{account['label']:<32}{account['email']}  {account['password']}\n")
    sys.stdout.write(f"OAuth2 client of a storefront: {STOREFRONT.hex}\n")


if __name__ == "__main__":
    asyncio.run(main(Settings()))
