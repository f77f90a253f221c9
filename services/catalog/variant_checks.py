"""What a variant may be. Pure: no session, no await."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from core.errors import DomainError, InvalidInput
from services.catalog.drafts import VariantDraft
from services.catalog.errors import OptionsMismatch, placed
from services.catalog.texts import DEFAULT_LANGUAGE, NAME, line_problems, translation_problems
from services.pricing import problem_of

MAX_SKU: Final = 64
MAX_BARCODE: Final = 64
MAX_POSITION: Final = 100_000
MAX_WEIGHT_GRAMS: Final = 10_000_000
MAX_MINIMUM_QUANTITY: Final = 10_000
MAX_PRICES: Final = 20
_NUMBERS: Final = (
    ("position", "position", 0, MAX_POSITION),
    ("weight_grams", "weightGrams", 0, MAX_WEIGHT_GRAMS),
    ("minimum_quantity", "minimumQuantity", 1, MAX_MINIMUM_QUANTITY),
)


def problems(draft: VariantDraft) -> dict[str, list[DomainError]]:
    """The attribute -> what is wrong with its value; empty when all is well."""
    found = {
        "sku": list(line_problems(draft.sku, "sku", longest=MAX_SKU)) if draft.sku else [],
        "name": list(translation_problems(draft.name or {}, "name", longest=NAME)),
        "barcode": list(
            line_problems(draft.barcode or "", "barcode", longest=MAX_BARCODE, shortest=0)
        ),
        "prices": list(_price_problems(draft)),
    }
    for attribute, written, least, most in _NUMBERS:
        value = getattr(draft, attribute)
        if value is not None and not least <= value <= most:
            problem = f"It must be {least} to {most}."
            found[attribute] = [InvalidInput(problem=problem, path=(written,))]
    return {attribute: wrong for attribute, wrong in found.items() if wrong}


def _price_problems(draft: VariantDraft) -> Iterator[DomainError]:
    if len(draft.prices) > MAX_PRICES:
        yield InvalidInput(problem=f"Use at most {MAX_PRICES} prices.", path=("prices",))
        return
    for n, price in enumerate(draft.prices):
        if problem := problem_of(price):
            yield placed(problem, "prices", str(n))


def without(draft: VariantDraft, attributes: Iterable[str]) -> VariantDraft:
    """The draft as if these attributes had been left out; of prices, only the bad ones go."""
    left_out: dict[str, Any] = dict.fromkeys(attributes)
    if "prices" in left_out:
        few = draft.prices[:MAX_PRICES]
        left_out["prices"] = tuple(price for price in few if not problem_of(price))
    return replace(draft, **left_out)


def options_problem(
    sku: str, chosen: Mapping[str, str], options: Sequence[Mapping[str, Any]]
) -> OptionsMismatch | None:
    """options: as products keep them. Every option named once, with one of its values."""
    for option in options:
        known = {value["slug"] for value in option["values"]}
        if chosen.get(option["slug"]) not in known:
            return OptionsMismatch(sku=sku, option=option["slug"], path=("options",))
    unknown = chosen.keys() - {option["slug"] for option in options}
    if unknown:
        return OptionsMismatch(sku=sku, option=min(unknown), path=("options",))
    return None


def options_key(chosen: Mapping[str, str]) -> str:
    """`{size: l, color: red} -> "color=red/size=l"`: the same for the same choice."""
    return "/".join(f"{option}={value}" for option, value in sorted(chosen.items()))


def made_name(chosen: Mapping[str, str], options: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """`{"en": "Red / L"}`: the names of the chosen values; an empty text without any options."""
    names = [
        value["name"]
        for option in options
        for value in option["values"]
        if chosen.get(option["slug"]) == value["slug"]
    ]
    languages = {language for name in names for language in name} | {DEFAULT_LANGUAGE}
    return {
        language: " / ".join(name.get(language) or name[DEFAULT_LANGUAGE] for name in names)
        for language in sorted(languages)
    }
