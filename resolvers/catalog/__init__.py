"""The catalogue: lists, lookups, the tree, prices of lists, and the transactions of mutations."""

from resolvers.catalog.listings import (
    BRAND_LIST,
    CATEGORY_LIST,
    COLLECTION_LIST,
    MAX_ATTRIBUTE_FILTERS,
    PRODUCT_TYPE_LIST,
    PRODUCTS,
    VARIANTS,
)
from resolvers.catalog.lookups import (
    category_by_slug,
    collection_by_slug,
    product_by_sku,
)
from resolvers.catalog.nested import (
    attributes,
    media,
    products_of_categories,
    products_of_collections,
    products_of_merchants,
    reviews,
)
from resolvers.catalog.offers import offers, offers_of_products, price_ranges
from resolvers.catalog.tree import ancestors, children, walked, with_descendants
from resolvers.catalog.writes import (
    brand_upsert,
    category_upsert,
    collection_upsert,
    product_create,
    product_delete,
    product_media_update,
    product_publish,
    product_type_upsert,
    product_update,
    variant_price_set,
    variants_bulk_upsert,
)

__all__ = [
    "BRAND_LIST",
    "CATEGORY_LIST",
    "COLLECTION_LIST",
    "MAX_ATTRIBUTE_FILTERS",
    "PRODUCTS",
    "PRODUCT_TYPE_LIST",
    "VARIANTS",
    "ancestors",
    "attributes",
    "brand_upsert",
    "category_by_slug",
    "category_upsert",
    "children",
    "collection_by_slug",
    "collection_upsert",
    "media",
    "offers",
    "offers_of_products",
    "price_ranges",
    "product_by_sku",
    "product_create",
    "product_delete",
    "product_media_update",
    "product_publish",
    "product_type_upsert",
    "product_update",
    "products_of_categories",
    "products_of_collections",
    "products_of_merchants",
    "reviews",
    "variant_price_set",
    "variants_bulk_upsert",
    "walked",
    "with_descendants",
]
