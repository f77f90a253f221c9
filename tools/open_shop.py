"""The first people and the first merchant of an empty shop, by hand of whoever runs it.

    python -m tools.open_shop --operator ME@… --merchant SLUG --name NAME --owner OWNER@…

Everything else is done by mutations. Running it again adds another merchant; people who have an
account keep it. Passwords are made here and printed once.
"""

import argparse
import asyncio
import secrets
import sys
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.passwords import hashed
from core.db import Database
from core.identity import Permission
from core.money import parse_amount
from core.settings import Settings
from models.accounts import User
from models.checkout import DeliveryMethod
from models.inventory import Warehouse
from models.merchants import Membership, MerchantMode
from models.shipments import Carrier
from services import accounts
from services.merchants import NewMerchant, put_merchants
from tools import given

CARRIER = "post"


async def person(session: AsyncSession, email: str) -> UUID:
    """The account of an address; a new one's password is printed."""
    email = accounts.checked_email(email, "email")
    known: UUID | None = await session.scalar(select(User.id).where(User.email == email))
    if known is not None:
        return known
    password = secrets.token_urlsafe(12)
    made = await accounts.create_user(session, email=email, password_hash=await hashed(password))
    sys.stdout.write(f"{email}  {password}\n")
    return made


async def open_shop(session: AsyncSession, told: argparse.Namespace, currency: str) -> None:
    operator = await person(session, told.operator)
    everything = [each.value for each in Permission]
    await session.execute(
        update(User).where(User.id == operator).values(platform_permissions=everything)
    )
    new = NewMerchant(slug=told.merchant, name=told.name, description={}, mode=MerchantMode.B2C)
    [merchant_id] = await put_merchants(session, [new])
    owner = {"user_id": await person(session, told.owner), "merchant_id": merchant_id}
    await session.execute(insert(Membership).values(**owner, is_owner=True, permissions=[]))
    place = {"merchant_id": merchant_id, "code": "MAIN", "name": told.name}
    await session.execute(insert(Warehouse).values(**place))
    carrier = insert(Carrier).values(code=CARRIER, name="Post", kind="POSTAL")
    await session.execute(carrier.on_conflict_do_nothing())
    await session.execute(
        insert(DeliveryMethod).values(
            merchant_id=merchant_id,
            code="standard",
            name={"en": "Standard delivery", "zh-Hans": "标准配送"},
            carrier_code=CARRIER,
            currency=currency,
            price_minor=parse_amount(told.delivery, currency),
            min_days=2,
            max_days=5,
        )
    )


async def main(settings: Settings, told: argparse.Namespace) -> None:
    db = Database(settings.database_url, size=4)
    try:
        async with db.transaction() as session:
            await open_shop(session, told, settings.shop_currency)
    finally:
        await db.close()
    sys.stdout.write(f"{told.name} is open: sign in as {told.owner} and stock its shelves.\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.open_shop", description=__doc__)
    parser.add_argument(
        "--operator", required=True, help="who runs the platform: an e-mail address"
    )
    parser.add_argument("--merchant", required=True, help="the merchant's slug, for addresses")
    parser.add_argument("--name", required=True, help="the merchant's name")
    parser.add_argument("--owner", required=True, help="who owns the merchant: an e-mail address")
    parser.add_argument("--delivery", default="0", help="what standard delivery costs: 5.90")
    return parser.parse_args()


if __name__ == "__main__":
    told = arguments()
    asyncio.run(main(given.settings("database_url"), told))
