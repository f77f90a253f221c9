"""A market with rows in every table, as small or large as a test wants it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import encode
from models.catalog import (
    Attribute,
    Collection,
    CollectionProduct,
    Product,
    ProductAttributeValue,
    ProductMedia,
    ProductText,
    ProductType,
    Review,
)
from models.inventory import MovementKind, StockMovement
from schema.ids import PREFIXES
from tests.factories.catalog import (
    make_brand,
    make_category,
    make_product,
    make_variant,
    make_warehouse,
)
from tests.factories.shipments import make_carrier
from tests.factories.shops import Stall, make_stall


@dataclass(frozen=True)
class Private:
    """A row that not everybody sees: its owner does, and staff of its merchant may."""

    kind: str
    id: UUID
    owner_id: UUID | None = None
    merchant_id: UUID | None = None


@dataclass
class Market:
    """The ids of everything by the name of its type, and which rows are somebody's own.

    words: texts that stand in one person's rows only, by the id of the person.
    tracking_number: of a parcel.
    """

    size: int
    stalls: list[Stall] = field(default_factory=list)
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    private: list[Private] = field(default_factory=list)
    words: dict[UUID, str] = field(default_factory=dict)
    tracking_number: str = ""

    def note(self, kind: str, row: Any, **whose: UUID | None) -> None:
        self.ids.setdefault(kind, []).append(row.id)
        if whose:
            self.private.append(Private(kind, row.id, **whose))

    def outside(self, kind: str) -> list[str]:
        """The ids of a type as clients know them."""
        return [encode(PREFIXES[kind], each) for each in self.ids.get(kind, ())]


async def open_market(session: AsyncSession, size: int, *, merchants: int) -> Market:
    """Merchants who sell, and a catalogue in which every other list has `size` entries."""
    market = Market(size)
    for n in range(size):
        await make_carrier(session, f"carrier-{n}" if n else "parcel-express")
        await make_brand(session)
        session.add(ProductType(slug=f"type-{n}", name={"en": f"Type {n}"}))
    market.stalls += [await make_stall(session, stock=100) for _ in range(merchants)]
    category = await make_category(session)
    for _ in range(size):
        market.note("Category", await make_category(session, parent=category))
    for _ in range(size):
        category = await make_category(session, parent=category)
        market.note("Category", category)
    kind = ProductType(slug="kind", name={"en": "Kind"})
    session.add(kind)
    await session.flush()  # attributes refer to its row
    market.note("ProductType", kind)
    for stall in market.stalls:
        market.note("Merchant", stall.merchant)
        market.note("Warehouse", stall.warehouse, merchant_id=stall.merchant.id)
        product = await session.get_one(Product, stall.variant.product_id)
        product.category_id, product.brand_id = category.id, (await make_brand(session)).id
        product.product_type_id = kind.id
        await _furnish(session, market, product)
        await _stock(session, market, stall, product)
        await _hide(session, market, stall)
    await _describe(session, market, kind)
    await _collect(session, market)
    return market


async def _furnish(session: AsyncSession, market: Market, product: Product) -> None:
    """What shows the product, and what people think of it."""
    market.note("Product", product)
    values = [{"slug": f"v-{n}", "name": {"en": f"V {n}"}} for n in range(market.size)]
    product.options = [
        {"slug": f"o-{n}", "name": {"en": f"O {n}"}, "values": values} for n in range(market.size)
    ]
    session.add(ProductText(product_id=product.id, description={"en": "A long text."}))
    for n in range(market.size):
        review = Review(product_id=product.id, author_name="Ada", rating=5, title=f"Review {n}")
        media = ProductMedia(product_id=product.id, url="https://a.example/p.jpg", position=n)
        session.add_all([review, media])
        await session.flush()  # they get their ids
        market.note("Review", review)


async def _stock(session: AsyncSession, market: Market, stall: Stall, product: Product) -> None:
    """More variants, some of them in another warehouse, with a history."""
    merchant_id = stall.merchant.id
    variants = [stall.variant]
    for _ in range(1, market.size):
        other = await make_warehouse(session, stall.merchant)
        market.note("Warehouse", other, merchant_id=merchant_id)
        variants.append(await make_variant(session, product=product, warehouse=other))
    for variant in variants:
        variant.options = {f"o-{n}": "v-0" for n in range(market.size)}
        market.note("ProductVariant", variant)
        movement = StockMovement(
            warehouse_id=stall.warehouse.id,
            variant_id=variant.id,
            merchant_id=merchant_id,
            kind=MovementKind.ADJUSTMENT,
            on_hand_delta=10,
            reason="Counted.",
        )
        session.add(movement)
        await session.flush()  # it gets its id
        market.note("StockMovement", movement, merchant_id=merchant_id)


async def _hide(session: AsyncSession, market: Market, stall: Stall) -> None:
    """A draft that only those who manage the merchant's products see."""
    merchant_id = stall.merchant.id
    draft = await make_product(session, merchant=stall.merchant, is_published=False)
    variant = await make_variant(session, product=draft, warehouse=stall.warehouse)
    review = Review(product_id=draft.id, author_name="Ada", rating=1)
    collection = Collection(
        merchant_id=merchant_id, slug=f"hidden-{stall.merchant.slug}", name={"en": "Hidden"}
    )
    session.add_all([review, collection])
    await session.flush()  # they get their ids
    market.note("Product", draft, merchant_id=merchant_id)
    market.note("ProductVariant", variant, merchant_id=merchant_id)
    market.note("Review", review, merchant_id=merchant_id)
    market.note("Collection", collection, merchant_id=merchant_id)


async def _describe(session: AsyncSession, market: Market, kind: ProductType) -> None:
    """Attributes, and a value of each for every product."""
    for n in range(market.size):
        attribute = Attribute(product_type_id=kind.id, slug=f"a-{n}", name={"en": f"A {n}"})
        session.add(attribute)
        await session.flush()  # values refer to its row
        market.note("Attribute", attribute)
        session.add_all(
            ProductAttributeValue(
                product_id=stall.variant.product_id, attribute_id=attribute.id, value="yes"
            )
            for stall in market.stalls
        )


async def _collect(session: AsyncSession, market: Market) -> None:
    """Published collections, each with every product."""
    for n in range(market.size):
        collection = Collection(slug=f"collection-{n}", name={"en": "All"}, is_published=True)
        session.add(collection)
        await session.flush()  # its products refer to its row
        market.note("Collection", collection)
        session.add_all(_placed(collection, market.stalls))


def _placed(collection: Collection, stalls: Sequence[Stall]) -> list[CollectionProduct]:
    return [
        CollectionProduct(
            collection_id=collection.id, product_id=stall.variant.product_id, position=position
        )
        for position, stall in enumerate(stalls)
    ]
