"""Lists of the catalogue: how they are scoped, filtered and sorted."""

from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, exists, func, select

from core.identity import Permission
from models.catalog import (
    Brand,
    Category,
    Collection,
    CollectionProduct,
    Product,
    ProductType,
    Review,
    Variant,
)
from models.inventory import StockLevel
from resolvers.listing import Listing, Sort
from resolvers.loaders.catalog import PRODUCT_COLUMNS, VARIANT_COLUMNS
from resolvers.scope import permitted, visible_collection, visible_product

MAX_ATTRIBUTE_FILTERS: Final = 5

_in_stock = exists().where(
    Variant.product_id == Product.id,
    StockLevel.variant_id == Variant.id,
    StockLevel.available > 0,
)


def _one_of(column: Any, name: str) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(Uuid())))


def _named(column: Any, name: str) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(Text())))


PRODUCTS: Final = Listing(
    select(*PRODUCT_COLUMNS).where(visible_product()),
    Product.id,
    sorts={
        "NEWEST": Sort(Product.published_at, descending=True),
        "PRICE": Sort(Product.price_min_minor),
        "NAME": Sort(Product.name_sort),
        "RATING": Sort(Product.rating_average, descending=True),
    },
    filters={
        "categories": _one_of(Product.category_id, "categories"),
        "brands": _one_of(Product.brand_id, "brands"),
        "merchants": _one_of(Product.merchant_id, "merchants"),
        "product_types": _one_of(Product.product_type_id, "product_types"),
        "price_min": Product.price_min_minor >= bindparam("price_min", type_=BigInteger()),
        "price_max": Product.price_min_minor <= bindparam("price_max", type_=BigInteger()),
        "in_stock": _in_stock,
        "out_of_stock": ~_in_stock,
        "statuses": Product.status == any_(bindparam("statuses", type_=ARRAY(Text()))),
        "collection": exists().where(
            CollectionProduct.product_id == Product.id,
            CollectionProduct.collection_id == bindparam("collection", type_=Uuid()),
        ),
    }
    | {
        f"attribute_{n}": Product.attributes_search.overlap(
            bindparam(f"attribute_{n}", type_=ARRAY(Text()))
        )
        for n in range(MAX_ATTRIBUTE_FILTERS)
    },
    spread={"categories": Product.category_id},
)
COLLECTION_PRODUCTS: Final = Listing(
    select(*PRODUCT_COLUMNS)
    .join(CollectionProduct, CollectionProduct.product_id == Product.id)
    .where(visible_product()),
    Product.id,
    sorts={"POSITION": Sort(CollectionProduct.position)},
    filters={},
    spread={},
)
# Staff only; `merchants` is always set for those who do not see all, so that an index serves them.
VARIANTS: Final = Listing(
    select(*VARIANT_COLUMNS).where(permitted(Variant.merchant_id, Permission.MANAGE_PRODUCTS)),
    Variant.id,
    sorts={"SKU": Sort(Variant.sku)},
    filters={
        "skus": _named(Variant.sku, "skus"),
        "barcodes": _named(Variant.barcode, "barcodes"),
        "merchants": _one_of(Variant.merchant_id, "merchants"),
        "products": _one_of(Variant.product_id, "products"),
        "in_stock": exists().where(StockLevel.variant_id == Variant.id, StockLevel.available > 0),
        "out_of_stock": ~exists().where(
            StockLevel.variant_id == Variant.id, StockLevel.available > 0
        ),
    },
    spread={"merchants": Variant.merchant_id},
)
REVIEWS: Final = Listing(
    select(*Review.__table__.c)
    .join(Product, Product.id == Review.product_id)
    .where(visible_product()),
    Review.id,
    sorts={
        "NEWEST": Sort(Review.created_at, descending=True),
        "RATING": Sort(Review.rating, descending=True),
    },
    filters={},
    spread={},
)
CATEGORY_LIST: Final = Listing(
    select(*Category.__table__.c),
    Category.id,
    sorts={"POSITION": Sort(Category.position), "SLUG": Sort(Category.slug)},
    filters={
        "parents": _one_of(Category.parent_id, "parents"),
        "roots": Category.parent_id.is_(None),
        "slugs": _named(Category.slug, "slugs"),
    },
    spread={},
)
BRAND_LIST: Final = Listing(
    select(*Brand.__table__.c),
    Brand.id,
    sorts={"NAME": Sort(Brand.name)},
    filters={
        "slugs": _named(Brand.slug, "slugs"),
        "search": func.lower(Brand.name).op("^@")(func.lower(bindparam("search", type_=Text()))),
    },
    spread={},
)
PRODUCT_TYPE_LIST: Final = Listing(
    select(*ProductType.__table__.c),
    ProductType.id,
    sorts={"SLUG": Sort(ProductType.slug)},
    filters={"slugs": _named(ProductType.slug, "slugs")},
    spread={},
)
COLLECTION_LIST: Final = Listing(
    select(*Collection.__table__.c).where(visible_collection()),
    Collection.id,
    sorts={"SLUG": Sort(Collection.slug)},
    filters={
        "merchants": _one_of(Collection.merchant_id, "merchants"),
        "slugs": _named(Collection.slug, "slugs"),
    },
    spread={},
)
