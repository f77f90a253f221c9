"""A small lamp shop, found by the real way: documents made from the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, Reader
from core.ids import decode, encode
from models.catalog import (
    Attribute,
    AttributeKind,
    Brand,
    Category,
    Product,
    ProductAttributeValue,
    ProductText,
    ProductType,
)
from models.merchants import Merchant
from tests.factories.catalog import make_brand, make_category, make_product, make_variant
from tests.factories.merchants import make_merchant
from tests.factories.search import index


@dataclass(frozen=True)
class Goods:
    """What is told of one product; money in cents, rating in hundredths of stars."""

    en: str
    zh: str
    category: str
    brand: str
    price: int
    merchant: str = "north"
    stock: int = 5
    rating: int = 0
    summary: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


GOODS: Final[dict[str, Goods]] = {
    "desk": Goods(
        "Bright desk lamp", "明亮台灯", "lamps", "Lumina", 3_900, rating=450,
        summary="A lamp for <b>long</b> evenings & early mornings",
        values={"color": ["red"], "watts": ["7"], "dimmable": ["true"], "material": ["brass"]},
    ),
    "floor": Goods(
        "Tall floor lamp", "落地灯", "lamps", "Lumina", 12_900, rating=380,
        values={"color": ["black"], "watts": ["12"], "dimmable": ["false"], "material": ["oak"]},
    ),
    "reading": Goods(
        "Reading lamp", "阅读灯", "lamps", "Nordwind", 2_500, merchant="south", stock=0,
        values={"color": ["red"], "watts": ["5"], "dimmable": ["true"], "material": ["brass"]},
    ),
    "kettle": Goods("Steel kettle", "不锈钢水壶", "kitchen", "Nordwind", 4_900, rating=500),
    "mug": Goods("Blue mug", "蓝色马克杯", "kitchen", "Hanami", 900, merchant="south"),
    "shirt": Goods("Linen shirt", "亚麻衬衫", "clothing", "Hanami", 5_900, merchant="south"),
}  # fmt: skip

ATTRIBUTES: Final = (
    ("color", "Color", "颜色", AttributeKind.CHOICE, ["black", "red", "green"]),
    ("watts", "Power", "功率", AttributeKind.NUMBER, []),
    ("dimmable", "Dimmable", "可调光", AttributeKind.BOOLEAN, []),
    ("material", "Material", "材质", AttributeKind.TEXT, []),
)


@dataclass
class Scene:
    """Everything by its short name."""

    products: dict[str, UUID] = field(default_factory=dict)
    categories: dict[str, UUID] = field(default_factory=dict)
    brands: dict[str, UUID] = field(default_factory=dict)
    merchants: dict[str, UUID] = field(default_factory=dict)
    skus: dict[str, str] = field(default_factory=dict)

    def id(self, kind: str, name: str) -> str:
        of = {
            "product": self.products,
            "category": self.categories,
            "brand": self.brands,
            "merchant": self.merchants,
        }
        return encode(kind, of[kind][name])

    def keys(self, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
        """The short names of products in an answer, in its order."""
        names = {key: name for name, key in self.products.items()}
        return [names[decode("product", node["id"])] for node in nodes]  # type: ignore[index]


async def open_shop(db: Database, reader: Reader, *, is_pushed: bool = False) -> Scene:
    scene = Scene()
    async with db.transaction() as session:
        categories = await _categories(session)
        scene.categories = {name: each.id for name, each in categories.items()}
        kind = await _product_type(session)
        for key, goods in GOODS.items():
            await _put(session, scene, key, goods, categories[goods.category], kind)
    await index(db, reader, is_pushed=is_pushed)
    return scene


async def _categories(session: AsyncSession) -> dict[str, Category]:
    home = await make_category(session)
    found = {"home": home}
    for name in ("lamps", "kitchen"):
        found[name] = await make_category(session, parent=home)
    found["clothing"] = await make_category(session)
    names = {"home": "家居", "lamps": "灯具", "kitchen": "厨房", "clothing": "服装"}
    for name, category in found.items():
        category.name = {"en": name.title(), "zh-Hans": names[name]}
    return found


async def _product_type(session: AsyncSession) -> dict[str, Attribute]:
    kind = ProductType(slug="lamp", name={"en": "Lamp"})
    session.add(kind)
    await session.flush()  # attributes refer to its row
    found = {}
    for place, (slug, en, zh, of, choices) in enumerate(ATTRIBUTES):
        attribute = Attribute(
            product_type_id=kind.id,
            slug=slug,
            name={"en": en, "zh-Hans": zh},
            kind=of,
            choices=choices,
            position=place,
            is_filterable=True,
        )
        session.add(attribute)
        found[slug] = attribute
    await session.flush()  # values refer to their rows
    return found


async def _put(
    session: AsyncSession,
    scene: Scene,
    key: str,
    goods: Goods,
    category: Category,
    kind: Mapping[str, Attribute],
) -> None:
    product = await make_product(
        session,
        merchant=await _merchant(session, scene, goods.merchant),
        category=category,
        brand=await _brand(session, scene, goods.brand),
        price_minor=goods.price,
        rating_average=goods.rating,
        rating_count=3 if goods.rating else 0,
        summary={"en": goods.summary},
    )
    product.name = {"en": goods.en, "zh-Hans": goods.zh}
    variant = await make_variant(
        session, product=product, stock=goods.stock, price_minor=goods.price
    )
    if goods.values:
        product.product_type_id = kind["color"].product_type_id
    session.add(ProductText(product_id=product.id, description={"en": f"About {goods.en}."}))
    session.add_all(
        ProductAttributeValue(product_id=product.id, attribute_id=kind[slug].id, value=value)
        for slug, values in goods.values.items()
        for value in values
    )
    scene.products[key], scene.skus[key] = product.id, variant.sku


async def _merchant(session: AsyncSession, scene: Scene, name: str) -> Merchant:
    if name in scene.merchants:
        return await session.get_one(Merchant, scene.merchants[name])
    merchant = await make_merchant(session)
    merchant.name = name.title()
    scene.merchants[name] = merchant.id
    return merchant


async def _brand(session: AsyncSession, scene: Scene, name: str) -> Brand:
    if name in scene.brands:
        return await session.get_one(Brand, scene.brands[name])
    brand = await make_brand(session)
    brand.name = name
    scene.brands[name] = brand.id
    return brand


async def withdraw(db: Database, product_id: UUID) -> None:
    """A product is published no more, and no worker has heard of it yet."""
    async with db.transaction() as session:
        product = await session.get_one(Product, product_id)
        product.is_listed = False
