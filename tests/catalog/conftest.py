"""Two merchants with staff of their own, and the platform's staff."""

from typing import NamedTuple

import asyncpg
import pytest

from auth.tokens import Tokens
from core.db import Database
from core.ids import encode
from models.catalog import Attribute, AttributeKind, Brand, Category, ProductType
from models.merchants import Merchant
from tests.asking import Ask
from tests.catalog.watch import Watch, watching
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalog import make_brand, make_category
from tests.factories.merchants import make_merchant


class Stage(NamedTuple):
    """ann works for `merchant`, bob for `other`; carl may manage products of `merchant` only."""

    merchant: Merchant
    other: Merchant
    category: Category
    brand: Brand
    product_type: ProductType
    ann: Ask
    bob: Ask
    carl: Ask
    platform: Ask

    def gid(self, kind: str) -> str:
        row = {
            "merchant": self.merchant,
            "category": self.category,
            "brand": self.brand,
            "producttype": self.product_type,
        }[kind]
        return encode(kind, row.id)


@pytest.fixture
async def stage(db: Database, tokens: Tokens, ask: Ask) -> Stage:
    async with db.transaction() as session:
        merchant, other = await make_merchant(session), await make_merchant(session)
        category, brand = await make_category(session), await make_brand(session)
        product_type = ProductType(slug="shirt", name={"en": "Shirt"})
        session.add(product_type)
        await session.flush()  # its attributes refer to it
        material = Attribute(
            product_type_id=product_type.id,
            slug="material",
            name={"en": "Material"},
            kind=AttributeKind.CHOICE,
            choices=["wool", "silk"],
        )
        session.add(material)
        ann = await make_staff(session, merchant, is_owner=True)
        bob = await make_staff(session, other, is_owner=True)
        carl = await make_staff(session, merchant, "MANAGE_PRODUCTS")
        root = await make_user(
            session, platform=("MANAGE_TAXONOMY", "MANAGE_PRODUCTS", "MANAGE_MERCHANTS")
        )
        asks = [ask.as_(await sign_in(session, tokens, user)) for user in (ann, bob, carl, root)]
    return Stage(merchant, other, category, brand, product_type, *asks)


@pytest.fixture
def nothing_changes(cleaner: asyncpg.Connection, clean: None) -> Watch:
    return watching(cleaner)
