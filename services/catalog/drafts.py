"""What callers want products and variants to be, before anything is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from core.errors import DomainError
from services.pricing import NewPrice

Texts = Mapping[str, str]  # language -> text


class ErrorPolicy(StrEnum):
    """What one bad row does to the others, and to the rest of itself.

    REJECT_EVERYTHING: one bad row, and nothing is written.
    REJECT_FAILED_ROWS: bad rows are left out whole, the others are written.
    IGNORE_FAILED: of a bad row what is good is written, if it can be: a variant keeps its old
        barcode where the new one is refused. A row that is nothing without its bad part (no such
        product, the SKU taken) is left out.
    """

    REJECT_EVERYTHING = "REJECT_EVERYTHING"
    REJECT_FAILED_ROWS = "REJECT_FAILED_ROWS"
    IGNORE_FAILED = "IGNORE_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionValue:
    slug: str
    name: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What the variants of a product differ in."""

    slug: str
    name: Texts
    values: Sequence[OptionValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A variant to be made or changed. None: leave it as it is; of a new one, the usual value.

    id or sku finds an existing one; neither found: a new one of `product_id`, with this `sku`.
    options: `{option slug: value slug}`. barcode: empty text takes it away.
    """

    id: UUID | None = None
    sku: str | None = None
    product_id: UUID | None = None
    options: Mapping[str, str] | None = None
    name: Texts | None = None
    barcode: str | None = None
    position: int | None = None
    weight_grams: int | None = None
    minimum_quantity: int | None = None
    is_active: bool | None = None
    prices: Sequence[NewPrice] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A whole product of one merchant as it shall be; the fields named here may be left out.

    id: of the product to change; None: a new one.
    slug: None keeps it; of a new product it is made from the name.
    description, attributes: None leaves what there is. attributes: slug of its type -> values.
    variants: made or changed; others of the product stay. Their `product_id` is not looked at.
    """

    id: UUID | None = None
    name: Texts
    category_id: UUID
    slug: str | None = None
    summary: Texts = field(default_factory=dict)
    description: Texts | None = None
    product_type_id: UUID | None = None
    brand_id: UUID | None = None
    options: Sequence[Option] = ()
    attributes: Mapping[str, Sequence[str]] | None = None
    external_reference: str | None = None
    variants: Sequence[VariantDraft] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one row. id: None when it was left out; refusals: what was wrong with it.

    The paths of refusals begin at the row: `("variants", "0", "sku")`.
    """

    id: UUID | None
    refusals: tuple[DomainError, ...] = ()
