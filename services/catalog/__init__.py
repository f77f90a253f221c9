"""The catalogue: products, variants, prices, categories, brands, product types, collections.

`put_…` and `save_…` of many write with a number of statements that does not depend on the number
of rows; permissions are for their callers to check. Whatever touches products locks them first, by
id. `currency` is always the shop's: lists sort and filter by prices in it.
"""

from services.catalog.brands import BrandChange, BrandDraft, put_brands, save_brand
from services.catalog.categories import (
    CategoryChange,
    CategoryDraft,
    put_categories,
    save_category,
)
from services.catalog.collections import CollectionChange, save_collection
from services.catalog.denormalised import refresh, refresh_ratings
from services.catalog.drafts import (
    ErrorPolicy,
    Option,
    OptionValue,
    ProductDraft,
    Saved,
    Texts,
    VariantDraft,
)
from services.catalog.edits import KEEP, Keep
from services.catalog.errors import (
    AttributeInUse,
    CategoryCycle,
    Missing,
    NotPublishable,
    OptionsMismatch,
    PermissionMissing,
    Taken,
)
from services.catalog.findable import (
    Findable,
    Part,
    findable,
    products_of_variants,
    published_ids,
)
from services.catalog.lookups import (
    brands_by_slug,
    categories_by_slug,
    known_products,
    product_types_by_slug,
    products_by_reference,
)
from services.catalog.media import (
    ExternalPicture,
    MediaChange,
    MediaUpdate,
    NewMedia,
    put_external_pictures,
    update_media,
)
from services.catalog.personal import erase_person, personal_data
from services.catalog.prices import set_prices
from services.catalog.product_edits import ProductChange, create_product, update_product
from services.catalog.product_types import (
    AttributeDraft,
    ProductTypeChange,
    save_product_type,
)
from services.catalog.products import save_products
from services.catalog.publication import archive_product, publish_products, set_published
from services.catalog.reviews import ReviewDraft, put_reviews
from services.catalog.variants import save_variants, upsert_variants

__all__ = [
    "KEEP",
    "AttributeDraft",
    "AttributeInUse",
    "BrandChange",
    "BrandDraft",
    "CategoryChange",
    "CategoryCycle",
    "CategoryDraft",
    "CollectionChange",
    "ErrorPolicy",
    "ExternalPicture",
    "Findable",
    "Keep",
    "MediaChange",
    "MediaUpdate",
    "Missing",
    "NewMedia",
    "NotPublishable",
    "Option",
    "OptionValue",
    "OptionsMismatch",
    "Part",
    "PermissionMissing",
    "ProductChange",
    "ProductDraft",
    "ProductTypeChange",
    "ReviewDraft",
    "Saved",
    "Taken",
    "Texts",
    "VariantDraft",
    "archive_product",
    "brands_by_slug",
    "categories_by_slug",
    "create_product",
    "erase_person",
    "findable",
    "known_products",
    "personal_data",
    "product_types_by_slug",
    "products_by_reference",
    "products_of_variants",
    "publish_products",
    "published_ids",
    "put_brands",
    "put_categories",
    "put_external_pictures",
    "put_reviews",
    "refresh",
    "refresh_ratings",
    "save_brand",
    "save_category",
    "save_collection",
    "save_product_type",
    "save_products",
    "save_variants",
    "set_prices",
    "set_published",
    "update_media",
    "update_product",
    "upsert_variants",
]
