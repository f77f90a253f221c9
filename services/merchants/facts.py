"""What merchants may write about themselves. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from core.errors import DomainError, InvalidInput
from services import accounts
from services.catalog.edits import KEEP, Keep
from services.catalog.texts import line_problems, slug_problems, translation_problems

MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 5_000
MAX_POLICY: Final = 20_000
MAX_LEGAL_NAME: Final = 200
MAX_REGISTRATION_NUMBER: Final = 50
MAX_REASON: Final = 500
POLICIES: Final = {
    "return_policy": "returnPolicy",
    "shipping_policy": "shippingPolicy",
    "terms": "terms",
}
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ().\-/]{4,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """Who stands behind a merchant; the contact may be a person. Null: not told, or no more."""

    legal_name: str | Keep = KEEP
    registration_number: str | Keep = KEEP
    country: str | Keep = KEEP
    contact_email: str | Keep | None = KEEP
    contact_phone: str | Keep | None = KEEP

    def values(self) -> dict[str, Any]:
        """The columns that are told."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in told.items() if not isinstance(value, Keep)}


def face_problems(values: Mapping[str, Any]) -> Iterator[DomainError]:
    """Of what shoppers see: slug, name, description, policies."""
    if "slug" in values:
        yield from slug_problems(values["slug"], "slug")
    if "name" in values:
        yield from line_problems(values["name"], "name", longest=MAX_NAME)
    if "description" in values:
        yield from translation_problems(
            values["description"], "description", longest=MAX_DESCRIPTION
        )
    for column, outside in POLICIES.items():
        if column in values:
            yield from translation_problems(values[column], outside, longest=MAX_POLICY)


def business_problems(values: Mapping[str, Any]) -> Iterator[DomainError]:
    """Of the columns of a record."""
    lines = (
        ("legal_name", "legalName", MAX_LEGAL_NAME),
        ("registration_number", "registrationNumber", MAX_REGISTRATION_NUMBER),
    )
    for column, outside, longest in lines:
        if column in values:
            yield from line_problems(values[column], "business", outside, longest=longest)
    if "country" in values and not _COUNTRY.fullmatch(values["country"]):
        problem = "A country is two capital letters of ISO 3166-1."
        yield InvalidInput(problem=problem, path=("business", "country"))
    phone = values.get("contact_phone")
    if phone is not None and not _PHONE.fullmatch(phone):
        problem = "Write a phone number: digits with spaces and + ( ) . - /, 5 to 32 characters."
        yield InvalidInput(problem=problem, path=("business", "contactPhone"))
    email = values.get("contact_email")
    if email is not None:
        try:
            accounts.checked_email(email, "business", "contactEmail")
        except InvalidInput as refusal:
            yield refusal


def with_plain_email(values: Mapping[str, Any]) -> dict[str, Any]:
    """The contact's address in the one spelling in which addresses are compared."""
    plain = dict(values)
    if plain.get("contact_email"):
        plain["contact_email"] = accounts.checked_email(plain["contact_email"])
    return plain
