"""Statements on products: each takes any number of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    exists,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import (
    Attribute,
    Brand,
    Category,
    Product,
    ProductAttributeValue,
    ProductText,
    ProductType,
    Variant,
)
from services.recordset import insertion, recordset, table_of

VALUES: Final = (
    "product_type_id",
    "category_id",
    "brand_id",
    "slug",
    "name",
    "name_sort",
    "summary",
    "options",
    "external_reference",
)
_PRODUCTS: Final = table_of(Product)
_TEXTS: Final = table_of(ProductText)
_ATTRIBUTES: Final = table_of(ProductAttributeValue)
_KEYS: Final = bindparam("products", type_=ARRAY(Uuid()))
_MERCHANT: Final = bindparam("merchant_id", type_=Uuid())


def _ids(kind: str, column: Any) -> Any:
    name = literal_column(f"'{kind}'", type_=Text()).label("kind")
    return select(name, column).where(column == any_(bindparam(kind, type_=ARRAY(Uuid()))))


_REFERENCES: Final = union_all(
    _ids("Category", Category.id), _ids("Brand", Brand.id), _ids("ProductType", ProductType.id)
)
_TYPE_ATTRIBUTES: Final = select(*table_of(Attribute).c).where(
    Attribute.product_type_id == any_(bindparam("types", type_=ARRAY(Uuid())))
)
_LOCK: Final = (
    select(*_PRODUCTS.c)
    .where(Product.id == any_(_KEYS), Product.merchant_id == _MERCHANT)
    .order_by(Product.id)
    .with_for_update(key_share=True)
)
_NAMES: Final = select(
    Product.id, Product.slug, Product.merchant_id, Product.external_reference
).where(
    or_(
        Product.slug == any_(bindparam("slugs", type_=ARRAY(Text()))),
        (Product.merchant_id == _MERCHANT)
        & (Product.external_reference == any_(bindparam("references", type_=ARRAY(Text())))),
    )
)
_ACTIVE_VARIANTS: Final = select(
    Variant.id, Variant.product_id, Variant.sku, Variant.options
).where(Variant.product_id == any_(_KEYS), Variant.is_active)
_INSERT: Final = (
    insertion(
        Product,
        "id",
        "merchant_id",
        *VALUES,
        "status",
        "is_listed",
        "price_min_minor",
        "price_max_minor",
        "rating_average",
        "rating_count",
        "attributes_search",
        "version",
    )
    .on_conflict_do_nothing()
    .returning(_PRODUCTS.c.id)
)
_given = recordset(Product, "id", *VALUES)
_UPDATE: Final = (
    update(_PRODUCTS)
    .where(_PRODUCTS.c.id == _given.c.id)
    .values({name: _given.c[name] for name in VALUES} | {"version": _PRODUCTS.c.version + 1})
    .returning(_PRODUCTS.c.id, _PRODUCTS.c.version)
)
_put_texts = insertion(ProductText, "product_id", "description")
_PUT_TEXTS: Final = _put_texts.on_conflict_do_update(
    index_elements=["product_id"],
    set_={"description": _put_texts.excluded.description},
    where=_TEXTS.c.description.is_distinct_from(_put_texts.excluded.description),
).returning(_TEXTS.c.product_id)
_values = recordset(ProductAttributeValue, "product_id", "attribute_id", "value")
_DELETE_ATTRIBUTES: Final = (
    delete(_ATTRIBUTES)
    .where(
        _ATTRIBUTES.c.product_id == any_(_KEYS),
        ~exists().where(
            _values.c.product_id == _ATTRIBUTES.c.product_id,
            _values.c.attribute_id == _ATTRIBUTES.c.attribute_id,
            _values.c.value == _ATTRIBUTES.c.value,
        ),
    )
    .returning(_ATTRIBUTES.c.product_id)
)
_INSERT_ATTRIBUTES: Final = (
    insertion(ProductAttributeValue, "id", "product_id", "attribute_id", "value")
    .on_conflict_do_nothing(index_elements=["product_id", "attribute_id", "value"])
    .returning(_ATTRIBUTES.c.product_id)
)


async def references(
    session: AsyncSession,
    *,
    categories: Collection[UUID],
    brands: Collection[UUID],
    types: Collection[UUID],
) -> set[tuple[str, UUID]]:
    """(name of the GraphQL type, id) of those that exist."""
    keys = {"Category": list(categories), "Brand": list(brands), "ProductType": list(types)}
    return {(row.kind, row.id) for row in await session.execute(_REFERENCES, keys)}


async def type_attributes(
    session: AsyncSession, types: Collection[UUID]
) -> dict[UUID, dict[str, Mapping[str, Any]]]:
    """Product type id -> attribute slug -> attribute."""
    found: dict[UUID, dict[str, Mapping[str, Any]]] = {each: {} for each in types}
    if found:
        for row in (await session.execute(_TYPE_ATTRIBUTES, {"types": list(found)})).mappings():
            found[row["product_type_id"]][row["slug"]] = dict(row)
    return found


async def lock(
    session: AsyncSession, merchant_id: UUID, products: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Product id -> its row, locked: of the merchant's own products only."""
    if not products:
        return {}
    values = {"merchant_id": merchant_id, "products": list(products)}
    found = (await session.execute(_LOCK, values)).mappings()
    return {row["id"]: dict(row) for row in found}


async def names(
    session: AsyncSession,
    merchant_id: UUID,
    *,
    slugs: Collection[str],
    references: Collection[str],
) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Which product has a slug, and which of the merchant's has an external reference."""
    values = {
        "merchant_id": merchant_id,
        "slugs": list(slugs),
        "references": list(references),
    }
    rows = (await session.execute(_NAMES, values)).all()
    mine = [row for row in rows if row.merchant_id == merchant_id and row.external_reference]
    return (
        {row.slug: row.id for row in rows},
        {row.external_reference: row.id for row in mine},
    )


async def active_variants(session: AsyncSession, products: Collection[UUID]) -> Sequence[Any]:
    if not products:
        return []
    return (await session.execute(_ACTIVE_VARIANTS, {"products": list(products)})).all()


async def insert_products(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """The ids of those that were inserted: not those whose slug or reference was taken."""
    return set(await session.scalars(_INSERT, {"rows": rows})) if rows else set()


async def update_products(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> dict[UUID, int]:
    """Product id -> its new version."""
    if not rows:
        return {}
    return {row.id: row.version for row in await session.execute(_UPDATE, {"rows": rows})}


async def put_texts(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """The products whose long text is another one now."""
    return set(await session.scalars(_PUT_TEXTS, {"rows": rows})) if rows else set()


async def put_attributes(
    session: AsyncSession, products: Collection[UUID], rows: Sequence[dict[str, Any]]
) -> set[UUID]:
    """Let the products have exactly these attribute values: those for which that is a change."""
    if not products:
        return set()
    values = {"products": list(products), "rows": rows}
    changed = set(await session.scalars(_DELETE_ATTRIBUTES, values))
    return changed | set(await session.scalars(_INSERT_ATTRIBUTES, {"rows": rows}))
