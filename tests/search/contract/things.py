"""Documents of a few words, for tests that say all that matters about them."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from search.documents import Document
from search.words import code_of

LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
_KINDS: Final = ("merchant", "brand", "category", "type", "thing")
_numbers = itertools.count(1)


def id_of(kind: str, number: int) -> UUID:
    """The same for the same kind and number; in the order of the numbers."""
    return UUID(int=0x0190 << 112 | 7 << 76 | _KINDS.index(kind) << 64 | 2 << 62 | number)


def thing(
    name: str,
    *,
    zh: str = "",
    summary: str = "",
    description: str = "",
    categories: Sequence[tuple[int, str]] = (),
    codes: Sequence[str] = (),
    attributes: Mapping[str, Sequence[str]] | None = None,
    number: int | None = None,
    **facts: Any,
) -> Document:
    """A product called so, all else as usual and the same for all.

    categories: numbers and English names, from the root down. number: makes its id.
    """
    told = dict(attributes or {})
    return Document(
        product_id=id_of("thing", next(_numbers) if number is None else number),
        names={"en": name} | ({"zh-Hans": zh} if zh else {}),
        summaries={"en": summary} if summary else {},
        descriptions={"en": description} if description else {},
        category_ids=[id_of("category", each) for each, _ in categories],
        categories=[{"en": each} for _, each in categories],
        codes=sorted(map(code_of, codes)),
        attribute_texts=[value for values in told.values() for value in values],
        attributes=sorted(f"{slug}={value}" for slug, values in told.items() for value in values),
        **{**USUAL, **facts},
    )


USUAL: Final[dict[str, Any]] = {
    "merchant_id": id_of("merchant", 1),
    "product_type_id": None,
    "brand_id": None,
    "brand": "",
    "price_minor": 1_000,
    "in_stock": True,
    "rating": 0,
    "rating_count": 0,
    "units_sold": 0,
    "published_at": LONG_AGO,
}


def days_later(days: int) -> datetime:
    return LONG_AGO + timedelta(days=days)
