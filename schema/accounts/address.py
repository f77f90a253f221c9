"""Postal addresses, of an address book, a checkout or an order."""

from dataclasses import asdict
from typing import Any

import strawberry

from engine.declare import column
from schema.access import ANYONE
from schema.fields import Node
from schema.ids import node_id
from schema.scalars import CountryCode


@strawberry.type(description="Where something is sent, or to whom a bill is made out.")
class PostalAddress:  # rows: addresses, or what services.accounts.checked_address gives
    name: str = column(str, description="Who receives it.")
    company: str = column(str, description="The company; empty for a private address.")
    line1: str = column(str, description="Street and number.")
    line2: str = column(str, description="Flat, floor, building; perhaps empty.")
    city: str = column(str, description="City, town or village.")
    region: str = column(str, description="State, province or county; perhaps empty.")
    postal_code: str = column(str, description="Perhaps empty: not every country has them.")
    country: CountryCode = column(CountryCode, description="The country, as ISO 3166-1 writes it.")
    phone: str = column(str, description="For the carrier; perhaps empty.")


@strawberry.type(
    description="An entry of the caller's address book. Orders keep copies of their own.",
    directives=[ANYONE],  # the loader shows the caller's own ones only
)
class Address(PostalAddress, Node):
    id: strawberry.ID = node_id("Address")
    is_default_shipping: bool = column(
        bool, description="Whether a checkout should suggest it to send to; one at most."
    )
    is_default_billing: bool = column(
        bool, description="Whether a checkout should suggest it for the bill; one at most."
    )


@strawberry.input(
    description=(
        "A postal address. Every text is one line; spaces around it are dropped, and what is left"
        " out or null is empty. What is needed besides the name depends on the country: a postal"
        " code in most, a state or province in some, no city in a few (Singapore)."
    )
)
class AddressInput:
    name: str = strawberry.field(description="Who receives it: 1 to 100 characters.")
    company: str | None = strawberry.field(
        default=None, description="The company: at most 100 characters."
    )
    line1: str = strawberry.field(description="Street and number: 1 to 200 characters.")
    line2: str | None = strawberry.field(
        default=None, description="Flat, floor, building: at most 200 characters."
    )
    city: str = strawberry.field(
        description="City, town or village: at most 100 characters; empty where there are none."
    )
    region: str | None = strawberry.field(
        default=None,
        description=(
            "State, province or county: at most 100 characters. Where the country's mail needs it,"
            " one that it has, by name or code: it is kept as the mail writes it."
        ),
    )
    postal_code: str | None = strawberry.field(
        default=None, description="As the country writes it; small letters become capitals."
    )
    country: CountryCode = strawberry.field(
        description="The country, as ISO 3166-1 alpha-2 writes it: `DE`. Others are refused."
    )
    phone: str | None = strawberry.field(
        default=None,
        description=(
            "For the carrier: with `+` and country code, or as it is dialled in the country; at"
            " most 32 characters. Kept as E.164: `+493090182`."
        ),
    )


def address_values(address: AddressInput) -> dict[str, Any]:
    """The parts by name, as `services.accounts.checked_address` takes them."""
    return asdict(address)
