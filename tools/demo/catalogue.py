"""Categories, brands, product types, products with variants and prices, reviews, collections."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import product as combinations
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.ids import new_id
from core.money import parse_amount
from models.catalog import (
    Attribute,
    Brand,
    Category,
    Collection,
    CollectionProduct,
    Product,
    ProductAttributeValue,
    ProductStatus,
    ProductText,
    ProductType,
    Review,
    Variant,
)
from models.pricing import VariantPrice
from services import events
from tools.demo import stories
from tools.demo.stories import texts

Rows = list[dict[str, Any]]
YUAN_PER_DOLLAR: Final = 7  # of what a variant costs more; the base prices are given in both


@dataclass
class Shelf:
    """Rows of the catalogue, gathered before they are written table by table."""

    categories: dict[str, UUID] = field(default_factory=dict)
    brands: dict[str, UUID] = field(default_factory=dict)
    types: dict[str, UUID] = field(default_factory=dict)
    attributes: dict[tuple[str, str], UUID] = field(default_factory=dict)
    products: dict[str, UUID] = field(default_factory=dict)
    stock: list[tuple[UUID, UUID, int]] = field(default_factory=list)  # merchant, variant, units
    rows: dict[type[Any], Rows] = field(default_factory=dict)

    def add(self, model: type[Any], **values: Any) -> UUID:
        values = {"id": new_id(), **values}
        self.rows.setdefault(model, []).append(values)
        made: UUID = values["id"]
        return made

    def put(self, model: type[Any], **values: Any) -> None:
        """A row without an id of its own."""
        self.rows.setdefault(model, []).append(values)


async def make_catalogue(session: AsyncSession, merchants: Mapping[str, UUID]) -> Shelf:
    shelf = Shelf()
    taxonomy = stories.read("taxonomy")
    _categories(shelf, taxonomy["categories"], None)
    _brands_and_types(shelf, taxonomy)
    for slug, merchant in stories.merchants().items():
        for told in merchant["products"]:
            _Making(shelf, taxonomy["options"], merchants[slug], told).make()
    _collections(shelf)
    for model, rows in shelf.rows.items():  # in the order in which they refer to one another
        await session.execute(insert(model), rows)
    made = [events.event("ProductChanged", product_id) for product_id in shelf.products.values()]
    await events.record(session, *made)
    return shelf


def _categories(shelf: Shelf, told: Rows, parent: UUID | None) -> None:
    for position, each in enumerate(told):
        made = shelf.add(
            Category,
            slug=each["slug"],
            name=texts(each["name"]),
            parent_id=parent,
            position=position,
        )
        shelf.categories[each["slug"]] = made
        _categories(shelf, each.get("below", []), made)


def _brands_and_types(shelf: Shelf, taxonomy: Mapping[str, Any]) -> None:
    for each in taxonomy["brands"]:
        description = texts(each["description"])
        shelf.brands[each["slug"]] = shelf.add(
            Brand, slug=each["slug"], name=each["name"], description=description
        )
    for each in taxonomy["types"]:
        made = shelf.add(ProductType, slug=each["slug"], name=texts(each["name"]))
        shelf.types[each["slug"]] = made
    for each in taxonomy["types"]:
        for position, attribute in enumerate(each["attributes"]):
            shelf.attributes[each["slug"], attribute["slug"]] = shelf.add(
                Attribute,
                product_type_id=shelf.types[each["slug"]],
                slug=attribute["slug"],
                name=texts(attribute["name"]),
                kind=attribute["kind"],
                choices=attribute.get("choices", []),
                position=position,
            )


def _collections(shelf: Shelf) -> None:
    for told in stories.read("trade")["collections"]:
        made = shelf.add(
            Collection,
            slug=told["slug"],
            name=texts(told["name"]),
            description=texts(told["description"]),
            is_published=True,
        )
        for position, slug in enumerate(told["products"]):
            shelf.put(
                CollectionProduct,
                collection_id=made,
                product_id=shelf.products[slug],
                position=position,
            )


@dataclass
class _Making:
    """One product on its way to rows."""

    shelf: Shelf
    options: Mapping[str, Any]
    merchant_id: UUID
    told: Mapping[str, Any]

    def make(self) -> None:
        shelf, told = self.shelf, self.told
        slug, chosen = told["slug"], list(self._choices())
        dollars = [self._price("usd", choice) for choice in chosen]
        reviews = list(_reviews(slug))
        age = timedelta(hours=sum(slug.encode()) % 2000)
        product_id = shelf.products[slug] = shelf.add(
            Product,
            merchant_id=self.merchant_id,
            product_type_id=shelf.types[told["type"]],
            category_id=shelf.categories[told["category"]],
            brand_id=shelf.brands[told["brand"]],
            slug=slug,
            name=texts(told["name"]),
            name_sort=told["name"][0].lower(),
            summary=texts(told["summary"]),
            options=[self._option(option) for option in told.get("options", {})],
            status=ProductStatus.PUBLISHED,
            is_listed=True,
            published_at=now() - age,
            price_min_minor=min(dollars),
            price_max_minor=max(dollars),
            rating_count=len(reviews),
            rating_average=_average(reviews),
            external_reference=f"demo-{slug}",
            attributes_search=[f"{name}={value}" for name, value in told["attributes"].items()],
        )
        shelf.put(ProductText, product_id=product_id, description=texts(told["text"]))
        for name, value in told["attributes"].items():
            attribute = shelf.attributes[told["type"], name]
            shelf.add(
                ProductAttributeValue, product_id=product_id, attribute_id=attribute, value=value
            )
        for position, choice in enumerate(chosen):
            self._variant(product_id, position, choice)
        for review in reviews:
            shelf.add(Review, product_id=product_id, **review)

    def _choices(self) -> Iterator[dict[str, str]]:
        options: dict[str, list[str]] = self.told.get("options", {})
        for values in combinations(*options.values()):
            yield dict(zip(options, values, strict=True))

    def _price(self, currency: str, choice: Mapping[str, str], *, of: str = "") -> int:
        more = sum(
            parse_amount(self.told.get("extra", {}).get(value, "0"), "USD")
            for value in choice.values()
        )
        base = parse_amount(self.told[of or currency], currency.upper())
        return base + (more if currency == "usd" else more * YUAN_PER_DOLLAR)

    def _option(self, slug: str) -> dict[str, Any]:
        known = self.options[slug]
        values = [
            {"slug": value, "name": texts(known["values"][value])}
            for value in self.told["options"][slug]
        ]
        return {"slug": slug, "name": texts(known["name"]), "values": values}

    def _variant(self, product_id: UUID, position: int, choice: dict[str, str]) -> None:
        names = [texts(self.options[option]["values"][value]) for option, value in choice.items()]
        name = {
            language: " / ".join(each[language] for each in names) for language in ("en", "zh-Hans")
        }
        variant_id = self.shelf.add(
            Variant,
            product_id=product_id,
            merchant_id=self.merchant_id,
            sku="-".join([self.told["slug"], *choice.values()]).upper(),
            name=name if names else texts(self.told["name"]),
            options=choice,
            options_key="/".join(f"{option}={value}" for option, value in sorted(choice.items())),
            position=position,
            weight_grams=self.told["grams"],
        )
        before = self._price("usd", choice, of="was") if "was" in self.told else None
        for currency in ("usd", "cny"):
            self.shelf.put(
                VariantPrice,
                variant_id=variant_id,
                currency=currency.upper(),
                amount_minor=self._price(currency, choice),
                compare_at_minor=before if currency == "usd" else None,
            )
        units = self.told["stock"] and max(self.told["stock"] - 3 * position, 2)
        self.shelf.stock.append((self.merchant_id, variant_id, units))


def _reviews(slug: str) -> Iterator[dict[str, Any]]:
    """None to five, the same for a product every time."""
    digest = sha256(f"reviews of {slug}".encode()).digest()
    pool = stories.read("trade")["reviews"]
    for n in range(digest[0] % 6):
        rating, title, body, author = pool[(digest[1] + 5 * n) % len(pool)]
        yield {
            "author_name": author,
            "rating": rating,
            "title": title,
            "body": body,
            "is_verified_purchase": digest[2 + n] % 3 > 0,
            "external_reference": f"demo-{n}",
            "created_at": _long_ago(digest[10 + n]),
        }


def _average(reviews: Rows) -> int:
    if not reviews:
        return 0
    ratings: list[int] = [review["rating"] for review in reviews]
    return round(100 * sum(ratings) / len(ratings))


def _long_ago(days: int) -> datetime:
    return now() - timedelta(days=days + 1, minutes=37 * days)
