"""Postal addresses: what is accepted as one, and the address book of a user."""

import re
from collections.abc import Mapping
from typing import Any, Final

from core.errors import DomainError, InvalidInput, Refusals
from services.accounts.countries import COUNTRIES
from services.accounts.texts import one_line

# The parts of an address, and how many characters each may have.
LONGEST: Final = {
    "name": 100,
    "company": 100,
    "line1": 200,
    "line2": 200,
    "city": 100,
    "region": 100,
    "postal_code": 20,
    "country": 2,
    "phone": 32,
}
REQUIRED: Final = ("name", "line1", "city", "country")
PHONE: Final = re.compile(r"\+?[0-9][0-9 ().\-/]{2,30}( ?x[0-9]{1,6})?")


def checked_address(address: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, str]:
    """The address as it is kept: every part of LONGEST as a trimmed text, "" where left out.

    address: the parts by their names here; None counts as left out.
    path: the input field that holds the address, for refusals.

    Raises: InvalidInput at the part that is to blame, or Refusals with one for each of several.
    """
    parts: dict[str, str] = {}
    problems: list[DomainError] = []
    for part, longest in LONGEST.items():
        place = (*path, _outside(part))
        try:
            parts[part] = one_line(address.get(part) or "", *place, longest=longest)
            _check(part, parts[part], *place)
        except InvalidInput as refusal:
            problems.append(refusal)
    if len(problems) > 1:
        raise Refusals(problems)
    if problems:
        raise problems[0]
    return parts


def _check(part: str, text: str, *path: str) -> None:
    problem = None
    if not text and part in REQUIRED:
        problem = "An address needs this."
    elif part == "country" and text not in COUNTRIES:
        problem = "Write the country as two capital letters of ISO 3166-1: DE, CN."
    elif part == "phone" and text:
        check_phone(text, *path)
    if problem:
        raise InvalidInput(problem=problem, path=path)


def check_phone(text: str, *path: str) -> None:
    """Raises: InvalidInput for what can't be a telephone number."""
    if not PHONE.fullmatch(text):
        problem = "Write a telephone number with digits: +49 30 901820."
        raise InvalidInput(problem=problem, path=path)


def _outside(part: str) -> str:
    """As clients write the name: `postal_code -> postalCode`."""
    first, *others = part.split("_")
    return first + "".join(other.title() for other in others)
