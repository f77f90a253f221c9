"""Postal addresses: what is accepted as one, and the address book of a user."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.errors import DomainError, InvalidInput, Refusals
from services.accounts.countries import COUNTRIES
from services.accounts.phones import checked_phone
from services.accounts.postal import Rules, rules_of
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


def checked_address(address: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, str]:
    """The address as it is kept: every part of LONGEST as a trimmed text, "" where left out.

    What is required and how it is written depends on the country; regions get their usual name,
    postal codes capitals, telephone numbers the form E.164.

    address: the parts by their names here; None counts as left out.
    path: the input field that holds the address, for refusals.

    Raises: InvalidInput at the part that is to blame, or Refusals with one for each of several.
    """
    rules = rules_of(str(address.get("country") or ""))
    parts: dict[str, str] = {}
    problems: list[DomainError] = []
    for part, longest in LONGEST.items():
        place = (*path, _outside(part))
        try:
            text = one_line(address.get(part) or "", *place, longest=longest)
            parts[part] = _kept(part, text, rules, *place)
        except InvalidInput as refusal:
            problems.append(refusal)
    if len(problems) > 1:
        raise Refusals(problems)
    if problems:
        raise problems[0]
    return parts


def _kept(part: str, text: str, rules: Rules, *path: str) -> str:
    """Raises: InvalidInput."""
    if part == "country":
        if text not in COUNTRIES:
            problem = "Write the country as two capital letters of ISO 3166-1: DE, CN."
            raise InvalidInput(problem=problem, path=path)
        return text
    if not text:
        if part == "name" or part in rules.required:
            raise InvalidInput(problem="An address needs this.", path=path)
        return text
    check = _CHECKS.get(part)
    return check(text, rules, *path) if check else text


def _region(text: str, rules: Rules, *path: str) -> str:
    region = rules.region(text)
    if region is None:
        raise InvalidInput(problem="The country has no such state or province.", path=path)
    return region


def _postal_code(text: str, rules: Rules, *path: str) -> str:
    if rules.postal_code is None:
        return text
    if not rules.postal_code.fullmatch(text):
        like = f": {rules.example}" if rules.example else ""
        raise InvalidInput(problem=f"Write the postal code as the country does{like}.", path=path)
    return text.upper()


def _phone(text: str, rules: Rules, *path: str) -> str:
    return checked_phone(text, *path, country=rules.country)


_CHECKS: Final[dict[str, Callable[..., str]]] = {
    "region": _region,
    "postal_code": _postal_code,
    "phone": _phone,
}


def _outside(part: str) -> str:
    """As clients write the name: `postal_code -> postalCode`."""
    first, *others = part.split("_")
    return first + "".join(other.title() for other in others)
