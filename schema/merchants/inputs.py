"""What clients send about merchants."""

from enum import StrEnum
from typing import Any

import strawberry

from models.merchants import MerchantMode, MerchantStatus
from schema.catalog.inputs import TranslationInput, or_keep, texts_of, texts_or_keep
from schema.pagination import SortDirection
from schema.scalars import CountryCode
from services.catalog import KEEP
from services.merchants import Application, Business, Decision, MerchantChange

strawberry.enum(
    Decision,
    name="MerchantDecision",
    description=(
        "START_REVIEW: APPLIED becomes IN_REVIEW. APPROVE: IN_REVIEW becomes ACTIVE. REJECT:"
        " IN_REVIEW becomes APPLIED again; the applicant may correct the facts. SUSPEND: ACTIVE"
        " becomes SUSPENDED. REINSTATE: SUSPENDED becomes ACTIVE, and what is published is for"
        " sale again. CLOSE: for good, from any state."
    ),
)

NAME = "The name shoppers see: 1 to 100 characters on one line."
SLUG = "For addresses, unique in the shop: at most 100 of a-z, 0-9 and single hyphens."
DESCRIPTION = "What it sells and stands for: at most 5,000 characters a language."
POLICY = "At most 20,000 characters a language; an empty text takes one away."
EXPECTED = "Refuse if the merchant has another version by now; null does not look."
EMAIL = "Whom the platform writes to: an e-mail address."
PHONE = "Whom the platform calls: digits with spaces and `+ ( ) . - /`, 5 to 32 characters."


@strawberry.enum(description="What merchants are sorted by.")
class MerchantSortKey(StrEnum):
    NAME = "NAME"
    NEWEST = "NEWEST"


@strawberry.input(description="In which order merchants come.")
class MerchantSort:
    key: MerchantSortKey = strawberry.field(
        default=MerchantSortKey.NAME, description="NEWEST is by when they applied."
    )
    direction: SortDirection | None = strawberry.field(
        default=None, description="NEWEST falls if not said, NAME rises."
    )


@strawberry.input(description="Which merchants; all conditions must hold.")
class MerchantWhere:
    statuses: list[MerchantStatus] | None = strawberry.field(
        default=None,
        description="By status; others than ACTIVE are seen by the platform and their own staff.",
    )
    slugs: list[str] | None = strawberry.field(
        default=None, description="With one of these slugs; at most 100."
    )


@strawberry.input(description="The business behind a merchant; only the platform reads it.")
class MerchantBusinessInput:
    legal_name: str = strawberry.field(description="The registered name: 1 to 200 characters.")
    registration_number: str = strawberry.field(
        description="The number in its country's register: 1 to 50 characters."
    )
    country: CountryCode = strawberry.field(description="Where it is registered.")
    contact_email: str | None = strawberry.field(default=None, description=EMAIL)
    contact_phone: str | None = strawberry.field(default=None, description=PHONE)


@strawberry.input(
    description=(
        "Changes of the business; what is left out stays. From the review on, name, number and"
        " country are changed by the platform's MANAGE_MERCHANTS only."
    )
)
class MerchantBusinessChangeInput:
    legal_name: str | None = strawberry.field(default=None, description="1 to 200 characters.")
    registration_number: str | None = strawberry.field(
        default=None, description="1 to 50 characters."
    )
    country: CountryCode | None = strawberry.field(
        default=None, description="Where it is registered."
    )
    contact_email: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"{EMAIL} Null takes it away."
    )
    contact_phone: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"{PHONE} Null takes it away."
    )


@strawberry.input(description="An application to sell.")
class MerchantApplyInput:
    name: str = strawberry.field(description=NAME)
    slug: str = strawberry.field(description=SLUG)
    mode: MerchantMode = strawberry.field(
        default=MerchantMode.B2C, description="To whom it sells, and where."
    )
    description: list[TranslationInput] | None = strawberry.field(
        default=None, description=DESCRIPTION
    )
    business: MerchantBusinessInput = strawberry.field(description="Who stands behind it.")


@strawberry.input(description="What the platform decides about a merchant.")
class MerchantReviewInput:
    merchant_id: strawberry.ID = strawberry.field(description="The merchant.")
    decision: Decision = strawberry.field(description="What becomes of it.")
    reason: str | None = strawberry.field(
        default=None,
        description=(
            "Why, for the merchant to read: 1 to 500 characters. REJECT, SUSPEND and CLOSE need it;"
            " it is not kept for the others."
        ),
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input(description="Changes of a merchant; what is left out stays as it is.")
class MerchantUpdateInput:
    merchant_id: strawberry.ID = strawberry.field(description="The merchant.")
    name: str | None = strawberry.field(default=None, description=NAME)
    slug: str | None = strawberry.field(
        default=None, description=f"{SLUG} For the platform's MANAGE_MERCHANTS only."
    )
    description: list[TranslationInput] | None = strawberry.field(
        default=None, description=f"{DESCRIPTION} Languages that are not named stay."
    )
    return_policy: list[TranslationInput] | None = strawberry.field(
        default=None, description=f"How things are given back. {POLICY}"
    )
    shipping_policy: list[TranslationInput] | None = strawberry.field(
        default=None, description=f"How and when it ships. {POLICY}"
    )
    terms: list[TranslationInput] | None = strawberry.field(
        default=None, description=f"Terms of business. {POLICY}"
    )
    business: MerchantBusinessChangeInput | None = strawberry.field(
        default=None, description="Who stands behind it."
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)


def application_of(input: MerchantApplyInput) -> Application:
    """Raises: InvalidInput for a language that is named twice."""
    return Application(
        name=input.name,
        slug=input.slug,
        mode=input.mode,
        description=texts_of(input.description, "description"),
        business=Business(
            legal_name=input.business.legal_name,
            registration_number=input.business.registration_number,
            country=input.business.country,
            contact_email=input.business.contact_email,
            contact_phone=input.business.contact_phone,
        ),
    )


def change_of(input: MerchantUpdateInput) -> MerchantChange:
    """Raises: InvalidInput for a language that is named twice."""
    return MerchantChange(
        slug=or_keep(input.slug),
        name=or_keep(input.name),
        description=texts_or_keep(input.description, "description"),
        return_policy=texts_or_keep(input.return_policy, "returnPolicy"),
        shipping_policy=texts_or_keep(input.shipping_policy, "shippingPolicy"),
        terms=texts_or_keep(input.terms, "terms"),
        business=_business_of(input.business),
    )


def _business_of(given: MerchantBusinessChangeInput | None) -> Business:
    if given is None:
        return Business()
    return Business(
        legal_name=or_keep(given.legal_name),
        registration_number=or_keep(given.registration_number),
        country=or_keep(given.country),
        contact_email=_or_taken_away(given.contact_email),
        contact_phone=_or_taken_away(given.contact_phone),
    )


def _or_taken_away(given: Any) -> Any:
    """Left out leaves it, null takes it away."""
    return KEEP if given is strawberry.UNSET else given
