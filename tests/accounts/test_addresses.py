"""What is an address, country by country."""

from typing import Any

import pytest

from core.errors import InvalidInput, Refusals
from services.accounts import checked_address
from services.accounts.countries import COUNTRIES
from services.accounts.phones import checked_phone
from services.accounts.postal import rules_of

ADDRESS = {"name": "Ann", "line1": "1 Main Street", "city": "Somewhere"}


def kept(**parts: str) -> dict[str, str]:
    return {name: text for name, text in checked_address(ADDRESS | parts, ()).items() if text}


def refused(**parts: str) -> list[str]:
    with pytest.raises((InvalidInput, Refusals)) as raised:
        checked_address(ADDRESS | parts, ("address",))
    error: Any = raised.value
    each = error.refusals if isinstance(error, Refusals) else [error]
    return [refusal.path[-1] for refusal in each]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"country": "US", "region": "il", "postal_code": "62701"}, "IL"),
        ({"country": "US", "region": "California", "postal_code": "94103-1234"}, "CA"),
        ({"country": "CA", "region": "québec", "postal_code": "h2x 1y4"}, "QC"),
        ({"country": "CN", "region": "浙江", "postal_code": "310012"}, "浙江省"),
        ({"country": "CN", "region": "Zhejiang Sheng", "postal_code": "310012"}, "浙江省"),
        ({"country": "IE", "region": "Somewhere else"}, "Somewhere else"),
        ({"country": "DE", "postal_code": "04109", "region": "Sachsen"}, "Sachsen"),
    ],
)
def test_regions_get_the_name_that_the_mail_uses(given: dict[str, str], expected: str) -> None:
    assert kept(**given)["region"] == expected


@pytest.mark.parametrize(
    ("given", "places"),
    [
        ({"country": "US"}, ["region", "postalCode"]),
        ({"country": "US", "region": "Atlantis", "postal_code": "62701"}, ["region"]),
        ({"country": "US", "region": "IL", "postal_code": "LS1 1AA"}, ["postalCode"]),
        ({"country": "GB", "postal_code": "62701"}, ["postalCode"]),
        ({"country": "DE", "city": "", "postal_code": "04109"}, ["city"]),
        ({"country": "TW", "region": "新竹", "postal_code": "300"}, ["region"]),  # city or county?
        ({"country": "CN", "region": "浙", "postal_code": "310012"}, ["region"]),
        ({"country": "uk"}, ["country"]),
        ({"country": "../US"}, ["country"]),
        ({"country": "ZZ"}, ["country"]),
        ({"country": ""}, ["country"]),
    ],
)
def test_what_the_country_needs_is_told_part_by_part(
    given: dict[str, str], places: list[str]
) -> None:
    assert refused(**given) == places


def test_a_city_is_not_asked_for_where_there_are_none() -> None:
    assert kept(country="SG", city="", postal_code="238823")["postal_code"] == "238823"


def test_postal_codes_are_kept_in_capitals() -> None:
    assert kept(country="GB", postal_code="ls1 1aa")["postal_code"] == "LS1 1AA"


def test_every_country_has_rules() -> None:
    for country in COUNTRIES:
        rules = rules_of(country)

        assert "line1" in rules.required
        assert not rules.postal_code or rules.postal_code.fullmatch(rules.example)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+49 30 901820", None, "+4930901820"),
        ("030 / 90 18 20", "DE", "+4930901820"),
        ("(217) 555-4321 x12", "US", "+12175554321 x12"),
        ("+86 571 5550 0186", "US", "+8657155500186"),
    ],
)
def test_telephone_numbers_are_kept_so_that_they_can_be_dialled_anywhere(
    text: str, country: str | None, expected: str
) -> None:
    assert checked_phone(text, country=country) == expected


@pytest.mark.parametrize(
    ("text", "country"), [("030 901820", None), ("12", None), ("+1 2", None), ("1" * 32, "DE")]
)
def test_what_can_not_be_dialled_is_refused(text: str, country: str | None) -> None:
    with pytest.raises(InvalidInput):
        checked_phone(text, "phone", country=country)
