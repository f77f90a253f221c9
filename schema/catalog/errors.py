"""Refusals of the catalogue and of uploads, as clients see them."""

from typing import Final

import strawberry

from core.errors import DomainError, InvalidInput, NotFound, VersionConflict
from engine.declare import column
from schema.errors import UserError, shown
from services import catalog, media

strawberry.enum(
    catalog.Missing,
    name="PublishRequirement",
    description=(
        "What a product needs to be published: a NAME in the default language, an active VARIANT"
        " with a PRICE in the shop's currency, an ACTIVE_MERCHANT."
    ),
)
strawberry.enum(
    media.UploadProblem,
    description=(
        "NOT_RECEIVED: nothing was sent to the address yet. NOT_AN_IMAGE: by its content the file"
        " is no readable JPEG, PNG, WebP or GIF. TOO_MANY_PIXELS: more than 32 million, or more"
        " than 12,000 on a side."
    ),
)


@shown(catalog.Taken)
@strawberry.type(
    description="Another object has this slug, SKU, reference or choice of options already."
)
class Taken(UserError):
    value: str = column(str, description="What is taken.")


@shown(catalog.OptionsMismatch)
@strawberry.type(
    description="A variant does not name exactly one known value of each option of its product."
)
class OptionsMismatch(UserError):
    sku: str = column(str, description="The variant.")
    option: str = column(str, description="The option, or what is no option of the product.")


@shown(catalog.NotPublishable)
@strawberry.type(description="Something is missing before shoppers may see the product.")
class NotPublishable(UserError):
    missing: list[catalog.Missing] = column(
        list[catalog.Missing], description="All that is missing."
    )


@shown(catalog.PermissionMissing)
@strawberry.type(
    description="A part of the input needs a permission you do not hold for this merchant."
)
class PermissionMissing(UserError):
    permission: str = column(str, description="The permission: `MANAGE_PRICES`.")


@shown(catalog.AttributeInUse)
@strawberry.type(
    description="Products have values of an attribute, or of one of its choices, that shall go."
)
class AttributeInUse(UserError):
    slug: str = column(str, description="The attribute.")


@shown(catalog.CategoryCycle)
@strawberry.type(description="The category would be below itself.")
class CategoryCycle(UserError):
    pass


@shown(media.UnreadableUpload)
@strawberry.type(description="A file that was sent can't be used for what it was meant for.")
class UnreadableUpload(UserError):
    problem: media.UploadProblem = column(
        media.UploadProblem, description="What is the matter with it."
    )


@shown(media.TooManyUploads)
@strawberry.type(description="You have this many uploads that are neither used nor expired.")
class TooManyUploads(UserError):
    maximum: int = column(int, description="How many there may be.")


COMMON: Final[list[type[DomainError]]] = [NotFound, InvalidInput]
PRODUCT_REFUSALS: Final = [
    *COMMON,
    VersionConflict,
    catalog.Taken,
    catalog.OptionsMismatch,
    catalog.PermissionMissing,
]
TAXONOMY_REFUSALS: Final = [
    *COMMON,
    catalog.Taken,
    catalog.CategoryCycle,
    catalog.AttributeInUse,
]
