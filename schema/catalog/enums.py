"""Enums of the catalogue, shared with the tables."""

from enum import StrEnum

import strawberry

from models.catalog import AttributeKind, ProductStatus

__all__ = ["AttributeKind", "Availability", "ProductStatus"]

strawberry.enum(ProductStatus, description="DRAFT and ARCHIVED products are seen by staff only.")
strawberry.enum(AttributeKind, description="What values an attribute takes.")


@strawberry.enum(description="Whether a thing can be bought now.")
class Availability(StrEnum):
    IN_STOCK = "IN_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"
