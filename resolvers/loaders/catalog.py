"""The catalogue by keys."""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)

from core.identity import Permission
from models.catalog import (
    Attribute,
    Brand,
    Category,
    Collection,
    CollectionProduct,
    Product,
    ProductAttributeValue,
    ProductMedia,
    ProductText,
    ProductType,
    Review,
    Variant,
)
from models.inventory import StockLevel
from models.pricing import VariantPrice
from resolvers.loaders.base import KEYS, Relation, Snapshot, chosen
from resolvers.scope import permitted, visible_collection, visible_product

MEDIA_PATH: Final = "/media/"  # below it, files on this server have their addresses

# A product as lists need it. What only filters or a product's page read stays out: decoding the
# times and the options of a list costs more than all its other columns.
_FILTERS_ONLY = {"name_sort", "attributes_search", "external_reference"}
_PAGE_ONLY = {"options", "created_at", "updated_at"}
_TEXTS = {"name", "summary"}
PRODUCT_COLUMNS: Final = [
    chosen(column) if column.name in _TEXTS else column
    for column in Product.__table__.c
    if column.name not in _FILTERS_ONLY | _PAGE_ONLY
]
VARIANT_COLUMNS: Final = [
    *(
        column
        for column in Variant.__table__.c
        if column.name not in {"name", "options", "created_at", "updated_at", "options_key"}
    ),
    chosen(Variant.name),
    cast(Variant.options, Text()).label("options"),  # decoded by the field, when it is asked for
]

BRANDS = Snapshot(select(*Brand.__table__.c))
CATEGORIES = Snapshot(select(*Category.__table__.c))
PRODUCT_TYPES = Snapshot(select(*ProductType.__table__.c))


def _address(path: Any) -> Any:
    """Of a file on this server; null without one."""
    return literal_column(f"'{MEDIA_PATH}'", Text()).concat(path)


def _as_json(rows: Any) -> Any:
    """What hangs off a product as one column of its row."""
    part = rows.correlate(Product).lateral("part")
    return select(func.json_agg(literal_column("part"))).select_from(part).scalar_subquery()


_MEDIUM = (
    ProductMedia.id,
    ProductMedia.kind,
    ProductMedia.position,
    chosen(ProductMedia.alt),
    func.coalesce(ProductMedia.url, _address(ProductMedia.path)).label("url"),
    ProductMedia.width,
    ProductMedia.height,
    _address(ProductMedia.thumbnails["small"].astext).label("small"),
    _address(ProductMedia.thumbnails["large"].astext).label("large"),
)
_MEDIUM_ORDER = (ProductMedia.position, ProductMedia.id)
_ATTRIBUTE = (ProductAttributeValue.value, Attribute.slug, chosen(Attribute.name), Attribute.kind)
_ATTRIBUTE_ORDER = (Attribute.position, Attribute.slug, ProductAttributeValue.value)
_media = select(*_MEDIUM).where(ProductMedia.product_id == Product.id).order_by(*_MEDIUM_ORDER)
_attributes = (
    select(*_ATTRIBUTE)
    .join(Attribute)
    .where(ProductAttributeValue.product_id == Product.id)
    .order_by(*_ATTRIBUTE_ORDER)
)

# What a product's page shows beside the row of the list. Its pictures and attributes come as JSON:
# statements of their own would cost the page more than their few rows do.
_DETAILS = (
    Product.options,
    Product.created_at,
    Product.updated_at,
    chosen(ProductText.description),
)
DETAILS_OF_PRODUCTS = Relation(
    select(Product.id, *_DETAILS).outerjoin(ProductText).where(Product.id == any_(KEYS)),
    key="id",
    is_reference=True,
)
_pages = (
    select(
        *PRODUCT_COLUMNS,
        *_DETAILS,
        _as_json(_media).label("media"),
        _as_json(_attributes).label("attributes"),
    )
    .outerjoin(ProductText)
    .where(visible_product())
)
PAGES_BY_ID = Relation(_pages.where(Product.id == any_(KEYS)), key="id", gives=DETAILS_OF_PRODUCTS)
PAGES_BY_SLUG = Relation(
    _pages.where(Product.slug == any_(bindparam("keys", type_=ARRAY(Text())))),
    key="slug",
    gives=DETAILS_OF_PRODUCTS,
)
PRODUCTS_VISIBLE = Relation(
    select(*PRODUCT_COLUMNS).where(Product.id == any_(KEYS), visible_product()), key="id"
)


MEDIA_OF_PRODUCTS = Relation(
    select(ProductMedia.product_id, *_MEDIUM)
    .where(ProductMedia.product_id == any_(KEYS))
    .order_by(ProductMedia.product_id, *_MEDIUM_ORDER),
    key="product_id",
    many=True,
    is_reference=True,
)
ATTRIBUTES_OF_PRODUCTS = Relation(
    select(ProductAttributeValue.product_id, *_ATTRIBUTE)
    .join(Attribute)
    .where(ProductAttributeValue.product_id == any_(KEYS))
    .order_by(ProductAttributeValue.product_id, *_ATTRIBUTE_ORDER),
    key="product_id",
    many=True,
    is_reference=True,
)
ATTRIBUTES_OF_TYPES = Relation(
    select(*Attribute.__table__.c)
    .where(Attribute.product_type_id == any_(KEYS))
    .order_by(Attribute.product_type_id, Attribute.position, Attribute.slug),
    key="product_type_id",
    many=True,
    is_reference=True,
)
ATTRIBUTES = Relation(
    select(*Attribute.__table__.c).where(Attribute.id == any_(KEYS)), key="id", is_reference=True
)
REVIEWS_VISIBLE = Relation(
    select(*Review.__table__.c)
    .join(Product, Product.id == Review.product_id)
    .where(Review.id == any_(KEYS), visible_product()),
    key="id",
)


def _available(variant_id: Any) -> Any:
    """How many units can be promised, in all warehouses together."""
    return (
        select(cast(func.coalesce(func.sum(StockLevel.available), 0), Integer))
        .where(StockLevel.variant_id == variant_id)
        .scalar_subquery()
        .label("available")
    )


def _price(variant_id: Any) -> Any:
    """In the operation's currency.

    The limit makes the planner look prices up one by one, however few there are in all: reading a
    small table whole costs more than it thinks.
    """
    return (
        select(VariantPrice.amount_minor, VariantPrice.compare_at_minor)
        .where(
            VariantPrice.variant_id == variant_id,
            VariantPrice.currency == bindparam("currency"),
        )
        .limit(literal_column("1"))
        .lateral("price")
    )


# What a variant costs in the operation's currency, and how many can be promised.
_wanted = func.unnest(KEYS).table_valued("id").render_derived(name="wanted")
_price_wanted, _price_of_variant = _price(_wanted.c.id), _price(Variant.id)
OFFERS = Relation(
    select(_wanted.c.id, *_price_wanted.c, _available(_wanted.c.id)).select_from(
        _wanted.outerjoin(_price_wanted, true())
    ),
    key="id",
    is_reference=True,
)
VARIANTS_VISIBLE = Relation(
    select(*VARIANT_COLUMNS, *_price_of_variant.c, _available(Variant.id))
    .outerjoin(_price_of_variant, true())
    .where(
        Variant.product_id == any_(KEYS),
        or_(Variant.is_active, permitted(Variant.merchant_id, Permission.MANAGE_PRODUCTS)),
    )
    .order_by(Variant.product_id, Variant.position, Variant.id),
    key="product_id",
    many=True,
)
VARIANT_VISIBLE = Relation(
    select(*VARIANT_COLUMNS)
    .join(Product, Product.id == Variant.product_id)
    .where(
        Variant.id == any_(KEYS),
        visible_product(),
        or_(Variant.is_active, permitted(Variant.merchant_id, Permission.MANAGE_PRODUCTS)),
    ),
    key="id",
)
VARIANTS_BY_REFERENCE = Relation(
    select(*VARIANT_COLUMNS).where(Variant.id == any_(KEYS)), key="id", is_reference=True
)
COLLECTIONS_VISIBLE = Relation(
    select(*Collection.__table__.c).where(
        Collection.id == any_(KEYS),
        visible_collection(),
    ),
    key="id",
)
COLLECTIONS_OF_PRODUCTS = Relation(
    select(CollectionProduct.product_id, *Collection.__table__.c)
    .join(Collection)
    .where(
        CollectionProduct.product_id == any_(KEYS),
        visible_collection(),
    )
    .order_by(CollectionProduct.product_id, Collection.slug),
    key="product_id",
    many=True,
)
