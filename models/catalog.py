"""What is for sale: categories, brands, product types, products, variants, media, reviews."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    Base,
    HasId,
    HasTimes,
    HasVersion,
    Translated,
    c_text,
    minor,
    not_negative,
    one_of,
    positive,
)


class ProductStatus(StrEnum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"


class AttributeKind(StrEnum):
    TEXT = "TEXT"
    CHOICE = "CHOICE"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"


class MediaKind(StrEnum):
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    MODEL_3D = "MODEL_3D"
    EXTERNAL_VIDEO = "EXTERNAL_VIDEO"


class Category(HasId, HasTimes, Base):
    """A node of the one tree that all merchants share."""

    __tablename__ = "categories"
    __table_args__ = (CheckConstraint("parent_id <> id", name="not_its_own_parent"),)

    slug: Mapped[str] = c_text(unique=True)
    name: Mapped[Translated]
    description: Mapped[Translated] = mapped_column(default=dict)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)


class Brand(HasId, HasTimes, Base):
    __tablename__ = "brands"
    __table_args__ = (
        Index("ix_brands_name", "name", "id"),
        Index("ix_brands_search", text("lower(name)")),
    )

    slug: Mapped[str] = c_text(unique=True)
    name: Mapped[str] = c_text()
    description: Mapped[Translated] = mapped_column(default=dict)
    website: Mapped[str | None]


class ProductType(HasId, HasTimes, Base):
    """Which attributes products of a kind have."""

    __tablename__ = "product_types"

    slug: Mapped[str] = c_text(unique=True)
    name: Mapped[Translated]


class Attribute(HasId, Base):
    """choices: the values that a CHOICE attribute takes."""

    __tablename__ = "attributes"
    __table_args__ = (
        UniqueConstraint("product_type_id", "slug"),
        one_of("kind", AttributeKind),
    )

    product_type_id: Mapped[UUID] = mapped_column(ForeignKey("product_types.id"))
    slug: Mapped[str] = c_text()
    name: Mapped[Translated]
    kind: Mapped[str] = mapped_column(default=AttributeKind.TEXT)
    choices: Mapped[list[str]] = mapped_column(default=list)
    is_filterable: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class Product(HasId, HasTimes, HasVersion, Base):
    """A list row: what a card in a listing shows. The long text is in `product_texts`.

    is_listed: published, and its merchant active; kept by services, so that browsing needs no join.
    price_min_minor, price_max_minor: of its variants, in the shop's currency; what lists sort by.
    options: `[{"slug", "name": {language: text}, "values": [{"slug", "name": {…}}]}]`.
    """

    __tablename__ = "products"
    __table_args__ = (
        one_of("status", ProductStatus),
        UniqueConstraint("merchant_id", "external_reference"),
        not_negative("rating_count"),
        CheckConstraint("price_max_minor >= price_min_minor", name="price_range"),
        Index("ix_products_newest", "published_at", "id"),
        Index("ix_products_price", "price_min_minor", "id"),
        Index("ix_products_name", "name_sort", "id"),
        Index("ix_products_rating", "rating_average", "id"),
        Index("ix_products_category_newest", "category_id", "published_at", "id"),
        Index("ix_products_category_price", "category_id", "price_min_minor", "id"),
        Index("ix_products_category_name", "category_id", "name_sort", "id"),
        Index("ix_products_category_rating", "category_id", "rating_average", "id"),
        Index("ix_products_brand", "brand_id", "published_at", "id"),
        Index("ix_products_merchant", "merchant_id", "published_at", "id"),
        Index("ix_products_attributes", "attributes_search", postgresql_using="gin"),
    )

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    product_type_id: Mapped[UUID | None] = mapped_column(ForeignKey("product_types.id"))
    category_id: Mapped[UUID] = mapped_column(ForeignKey("categories.id"))
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brands.id"))
    slug: Mapped[str] = c_text(unique=True)
    name: Mapped[Translated]
    name_sort: Mapped[str] = c_text()
    summary: Mapped[Translated] = mapped_column(default=dict)
    options: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(default=ProductStatus.DRAFT)
    is_listed: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    price_min_minor: Mapped[int] = minor(default=0)
    price_max_minor: Mapped[int] = minor(default=0)
    rating_average: Mapped[int] = mapped_column(Integer, default=0)  # hundredths: 456 is 4.56
    rating_count: Mapped[int] = mapped_column(default=0)
    external_reference: Mapped[str | None]
    attributes_search: Mapped[list[str]] = mapped_column(default=list)  # "slug=value", for filters


class ProductText(Base):
    """The long text of a product: read by its page only."""

    __tablename__ = "product_texts"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    description: Mapped[Translated]


class ProductAttributeValue(HasId, Base):
    __tablename__ = "product_attribute_values"
    __table_args__ = (
        UniqueConstraint("product_id", "attribute_id", "value"),
        Index("ix_product_attribute_values_attribute", "attribute_id", "value"),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    attribute_id: Mapped[UUID] = mapped_column(ForeignKey("attributes.id"))
    value: Mapped[str]


class Variant(HasId, HasTimes, HasVersion, Base):
    """A thing one can put into a cart.

    merchant_id: that of the product, so that scope needs no join.
    options: `{option slug: value slug}`; options_key: the same as one text, unique in a product.
    minimum_quantity: kept as the merchant said; not enforced yet.
    """

    __tablename__ = "variants"
    __table_args__ = (
        UniqueConstraint("merchant_id", "sku"),
        UniqueConstraint("product_id", "options_key"),
        positive("minimum_quantity"),
        not_negative("weight_grams"),
        Index("ix_variants_product", "product_id", "position", "id"),
        Index("ix_variants_sku", "sku", "id"),
        Index("ix_variants_barcode", "barcode"),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    sku: Mapped[str] = c_text()
    barcode: Mapped[str | None]
    name: Mapped[Translated] = mapped_column(default=dict)
    options: Mapped[Translated] = mapped_column(default=dict)
    options_key: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    weight_grams: Mapped[int] = mapped_column(default=0)
    minimum_quantity: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(default=True)


class ProductMedia(HasId, Base):
    """A picture or film of a product.

    path: of the original below the media folder; thumbnails: `{"small": path, …}`; url: elsewhere.
    """

    __tablename__ = "product_media"
    __table_args__ = (
        one_of("kind", MediaKind),
        CheckConstraint("(path IS NULL) <> (url IS NULL)", name="file_or_url"),
        Index("ix_product_media_product", "product_id", "position", "id"),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    variant_id: Mapped[UUID | None] = mapped_column(ForeignKey("variants.id"))
    kind: Mapped[str] = mapped_column(default=MediaKind.IMAGE)
    position: Mapped[int] = mapped_column(default=0)
    alt: Mapped[Translated] = mapped_column(default=dict)
    path: Mapped[str | None]
    url: Mapped[str | None]
    thumbnails: Mapped[dict[str, str]] = mapped_column(default=dict)
    content_type: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    bytes: Mapped[int | None]


class Collection(HasId, HasTimes, Base):
    """A hand-picked list of products, of a merchant or (merchant_id null) of the platform."""

    __tablename__ = "collections"

    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"), index=True)
    slug: Mapped[str] = c_text(unique=True)
    name: Mapped[Translated]
    description: Mapped[Translated] = mapped_column(default=dict)
    is_published: Mapped[bool] = mapped_column(default=False)


class CollectionProduct(Base):
    __tablename__ = "collection_products"
    __table_args__ = (
        Index("ix_collection_products_order", "collection_id", "position", "product_id"),
    )

    collection_id: Mapped[UUID] = mapped_column(ForeignKey("collections.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(
        ForeignKey("products.id"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)


class Review(HasId, Base):
    """What a buyer thinks of a product; rating is 1 to 5."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_range"),
        UniqueConstraint("product_id", "external_reference"),
        Index("ix_reviews_product", "product_id", "created_at", "id"),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    author_name: Mapped[str]
    rating: Mapped[int]
    title: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    is_verified_purchase: Mapped[bool] = mapped_column(default=False)
    external_reference: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
