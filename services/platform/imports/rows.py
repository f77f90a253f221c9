"""What a row of an import file says, once it is understood: plain values, nothing looked up yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.pricing import NewPrice

Texts = Mapping[str, str]  # language -> text


class Problem(NamedTuple):
    """What is wrong with one field of one line; `field` is "" for the line as a whole."""

    line: int
    field: str
    code: str
    message: str


class Record(NamedTuple):
    """One record of the file: its columns, or why they can't be read.

    line: where it begins, counted from 1.
    """

    line: int
    values: Mapping[str, Any]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """reference: the file's own id of it, or one made of what it says."""

    reference: str
    author: str
    rating: int
    title: str
    text: str
    written_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One variant, with what the line says of its product. None: the line says nothing of it.

    product: the merchant's own reference of the product.
    category: names or slugs from the root down. brand: a name or slug. type: a slug.
    options: (name of the option, name of the value).
    """

    line: int
    product: str
    sku: str
    name: Texts = field(default_factory=dict)
    summary: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    category: tuple[str, ...] | None = None
    brand: str | None = None
    product_type: str | None = None
    attributes: Mapping[str, Sequence[str]] | None = None
    is_published: bool | None = None
    images: Sequence[str] | None = None
    reviews: Sequence[ReviewRow] | None = None
    options: Sequence[tuple[str, str]] | None = None
    prices: Sequence[NewPrice] = ()
    stock: int | None = None
    warehouse: str | None = None
    weight_grams: int | None = None
    barcode: str | None = None
    minimum_quantity: int | None = None
