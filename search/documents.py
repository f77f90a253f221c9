"""What search knows of a product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

# Languages with an analyser of their own; texts in all others share the neutral one.
ENGLISH, CHINESE, OTHER = "en", "zh", "other"
ANALYSED: Final = (ENGLISH, CHINESE, OTHER)


def analysed_as(language: str) -> str:
    """en, zh or other, for a language as translations name it: `zh-Hans` is zh."""
    primary = language.partition("-")[0].lower()
    return primary if primary in (ENGLISH, CHINESE) else OTHER


_IDS: Final = ("product_id", "merchant_id", "product_type_id", "brand_id")

Texts = Mapping[str, str]  # language, as translations name it -> text


@dataclass(frozen=True)
class Document:
    """A product that everybody may find.

    categories: names from the root down to its own, for each of them. category_ids: the same.
    attribute_texts: values of its attributes as people read them.
    codes: SKUs and barcodes of its variants, as `words.code_of` writes them.
    price_minor: lowest list price in the shop's currency. rating: hundredths of stars.
    attributes: `slug=value`, of attributes that may be filtered by.
    units_sold: of paid orders.
    """

    product_id: UUID
    merchant_id: UUID
    product_type_id: UUID | None
    brand_id: UUID | None
    category_ids: Sequence[UUID]
    names: Texts
    summaries: Texts
    descriptions: Texts
    categories: Sequence[Texts]
    brand: str
    attribute_texts: Sequence[str]
    codes: Sequence[str]
    attributes: Sequence[str]
    price_minor: int
    in_stock: bool
    rating: int
    rating_count: int
    units_sold: int
    published_at: datetime


def to_json(document: Document) -> dict[str, Any]:
    """Plain JSON values: ids and the time as text."""
    # Ids may be asyncpg's own, which orjson does not know.
    plain: dict[str, Any] = orjson.loads(orjson.dumps(document, default=str))
    return plain


def from_json(plain: Mapping[str, Any]) -> Document:
    """The reverse of `to_json`."""
    values = dict(plain)
    for name in _IDS:
        values[name] = values[name] and UUID(values[name])
    values["category_ids"] = [UUID(each) for each in values["category_ids"]]
    values["published_at"] = datetime.fromisoformat(values["published_at"])
    return Document(**values)
