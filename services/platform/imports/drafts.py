"""From the rows of a product to the draft that the catalogue saves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import Product, ProductText, Variant
from services.catalog import Option, OptionValue, ProductDraft, VariantDraft
from services.platform.imports.rows import Problem, Row, Texts
from services.platform.imports.taxonomy import Taxonomy, slug_of

Products = Mapping[str, Sequence[Row]]

_COLUMNS: Final = (
    Product.id,
    Product.external_reference,
    Product.name,
    Product.summary,
    Product.category_id,
    Product.brand_id,
    Product.product_type_id,
    Product.options,
)
_KEYS: Final = any_(bindparam("keys", type_=ARRAY(Text())))
_MERCHANT: Final = bindparam("merchant_id", type_=Uuid())
_BY_REFERENCE: Final = select(*_COLUMNS).where(
    Product.merchant_id == _MERCHANT, Product.external_reference == _KEYS
)
_BY_SKU: Final = (
    select(Variant.sku, *_COLUMNS)
    .join(Product, Product.id == Variant.product_id)
    .where(Variant.merchant_id == _MERCHANT, Variant.sku == _KEYS)
)
_TEXTS: Final = select(ProductText.product_id, ProductText.description).where(
    ProductText.product_id == any_(bindparam("products", type_=ARRAY(Uuid())))
)


async def find_products(
    session: AsyncSession, *, merchant_id: UUID, products: Products
) -> tuple[dict[str, dict[str, Any]], dict[str, UUID]]:
    """Those of the products that are there, by the rows' key; and SKU -> whose it is.

    A product is found by its reference; one that has none, or whose rows give none, by a SKU.
    """
    values = {"merchant_id": merchant_id, "keys": list(products)}
    found = (await session.execute(_BY_REFERENCE, values)).mappings()
    known = {row["external_reference"]: dict(row) for row in found}
    keys = {row.sku: key for key, rows in products.items() for row in rows}
    values = {"merchant_id": merchant_id, "keys": list(keys)}
    owners: dict[str, UUID] = {}
    for row in (await session.execute(_BY_SKU, values)).mappings():
        key, owners[row["sku"]] = keys[row["sku"]], row["id"]
        if row["external_reference"] is None or key == row["sku"]:
            known.setdefault(key, dict(row))
    told = [known[key]["id"] for key, rows in products.items() if key in known and _tells(rows)]
    if told:
        texts = await session.execute(_TEXTS, {"products": told})
        descriptions = {row.product_id: row.description for row in texts}
        for each in known.values():
            each["description"] = descriptions.get(each["id"], {})
    return known, owners


def _tells(rows: Iterable[Row]) -> bool:
    return any(row.description for row in rows)


def draft_of(
    key: str, rows: Sequence[Row], known: Mapping[str, Any] | None, taxonomy: Taxonomy
) -> ProductDraft | Problem:
    """The product that its rows describe; what they leave out stays as it is.

    known: what there is of it. taxonomy: has everything that the rows name.
    """
    old: Mapping[str, Any] = known or {}
    name = _texts(old.get("name", {}), [row.name for row in rows])
    category = _first(row.category for row in rows)
    category_id = taxonomy.categories[category] if category else old.get("category_id")
    if category_id is None or not name.get("en"):
        missing = "name" if not name.get("en") else "category"
        message = f"The first row of a new product needs its {missing}."
        return Problem(rows[0].line, missing, "MISSING", message)
    brand, type_ = _first(row.brand for row in rows), _first(row.product_type for row in rows)
    choices = Choices(old.get("options", []))
    chosen = [choices.chosen(row.options or ()) for row in rows]
    return ProductDraft(
        id=old.get("id"),
        external_reference=old.get("external_reference") or key,
        name=name,
        summary=_texts(old.get("summary", {}), [row.summary for row in rows]),
        description=_texts(old.get("description", {}), [row.description for row in rows])
        if _tells(rows)
        else None,
        category_id=category_id,
        brand_id=taxonomy.brands[brand] if brand else old.get("brand_id"),
        product_type_id=taxonomy.types[type_] if type_ else old.get("product_type_id"),
        attributes=_first(row.attributes for row in rows),
        options=choices.options(),
        variants=[
            _variant(row, options, name, is_new=known is None)
            for row, options in zip(rows, chosen, strict=True)
        ],
    )


def _variant(
    row: Row, options: Mapping[str, str], product_name: Texts, *, is_new: bool
) -> VariantDraft:
    name: Texts | None = product_name if is_new else None
    if row.options:
        name = {"en": " / ".join(value for _, value in row.options)[:200]}
    return VariantDraft(
        sku=row.sku,
        options=options if row.options else None,
        name=name,
        barcode=row.barcode,
        weight_grams=row.weight_grams,
        minimum_quantity=row.minimum_quantity,
        prices=row.prices,
    )


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _texts(old: Texts, given: Iterable[Texts]) -> dict[str, str]:
    """What the first row says in a language counts; languages nobody names keep their text."""
    new: dict[str, str] = {}
    for texts in given:
        new = {**texts, **new}
    return {**old, **new}


@dataclass(slots=True)
class _Option:
    name: Texts
    values: dict[str, Texts] = field(default_factory=dict)


class Choices:
    """The options of a product, growing with the rows; what is known keeps slug and names."""

    def __init__(self, stored: Sequence[Mapping[str, Any]]) -> None:
        self._options = {
            option["slug"]: _Option(
                option["name"], {value["slug"]: value["name"] for value in option["values"]}
            )
            for option in stored
        }

    def chosen(self, options: Sequence[tuple[str, str]]) -> dict[str, str]:
        """`{option slug: value slug}` of (option name, value name)."""
        chosen: dict[str, str] = {}
        for name, value in options:
            named = {slug: option.name for slug, option in self._options.items()}
            slug = _slug_in(named, name)
            option = self._options.setdefault(slug, _Option({"en": name}))
            value_slug = _slug_in(option.values, value)
            option.values.setdefault(value_slug, {"en": value})
            chosen[slug] = value_slug
        return chosen

    def options(self) -> list[Option]:
        return [
            Option(
                slug=slug,
                name=option.name,
                values=[
                    OptionValue(slug=value, name=name) for value, name in option.values.items()
                ],
            )
            for slug, option in self._options.items()
        ]


def _slug_in(known: Mapping[str, Texts], text: str) -> str:
    """The slug of what is called so, in any language; a new one when nothing is."""
    wanted = text.strip().lower()
    for slug, names in known.items():
        if wanted == slug or wanted in (name.strip().lower() for name in names.values()):
            return slug
    return slug_of(text)
