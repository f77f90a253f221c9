"""What a product may be. Pure: no session, no await."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from core.errors import DomainError, InvalidInput
from models.catalog import AttributeKind
from services.catalog.drafts import Option, ProductDraft
from services.catalog.texts import (
    DESCRIPTION,
    NAME,
    SUMMARY,
    line_problems,
    slug_problems,
    translation_problems,
)

MAX_OPTIONS: Final = 5
MAX_OPTION_VALUES: Final = 100
MAX_ATTRIBUTES: Final = 50
MAX_ATTRIBUTE_VALUES: Final = 20
MAX_REFERENCE: Final = 200
ATTRIBUTE_VALUE: Final = 200

# What a product can do without: a lenient policy leaves these as they were.
OPTIONAL: Final = frozenset(
    {"slug", "summary", "description", "brand_id", "product_type_id", "attributes"}
)


def problems(draft: ProductDraft) -> dict[str, list[DomainError]]:
    """The attribute -> what is wrong with its value; empty when all is well."""
    reference = draft.external_reference
    found = {
        "name": list(translation_problems(draft.name, "name", longest=NAME, is_required=True)),
        "slug": list(slug_problems(draft.slug, "slug")) if draft.slug is not None else [],
        "summary": list(translation_problems(draft.summary, "summary", longest=SUMMARY)),
        "description": list(
            translation_problems(draft.description or {}, "description", longest=DESCRIPTION)
        ),
        "options": list(_option_problems(draft.options)),
        "external_reference": list(
            line_problems(reference, "externalReference", longest=MAX_REFERENCE)
            if reference is not None
            else []
        ),
    }
    return {attribute: wrong for attribute, wrong in found.items() if wrong}


def without(draft: ProductDraft, attributes: Iterable[str]) -> ProductDraft:
    """The draft as if these optional attributes had been left out."""
    left_out: dict[str, Any] = dict.fromkeys(attributes)
    if "summary" in left_out:
        left_out["summary"] = {}
    return replace(draft, **left_out)


def _option_problems(options: Sequence[Option]) -> Iterator[DomainError]:
    if len(options) > MAX_OPTIONS:
        yield InvalidInput(problem=f"Use at most {MAX_OPTIONS} options.", path=("options",))
        return
    yield from _named_once([option.slug for option in options], "options")
    for n, option in enumerate(options):
        here = ("options", str(n))
        yield from slug_problems(option.slug, *here, "slug")
        yield from translation_problems(option.name, *here, "name", longest=NAME, is_required=True)
        if not 0 < len(option.values) <= MAX_OPTION_VALUES:
            problem = f"An option has 1 to {MAX_OPTION_VALUES} values."
            yield InvalidInput(problem=problem, path=(*here, "values"))
            continue
        yield from _named_once([value.slug for value in option.values], *here, "values")
        for m, value in enumerate(option.values):
            there = (*here, "values", str(m))
            yield from slug_problems(value.slug, *there, "slug")
            yield from translation_problems(
                value.name, *there, "name", longest=NAME, is_required=True
            )


def _named_once(slugs: Sequence[str], *path: str) -> Iterator[DomainError]:
    if len({*slugs}) < len(slugs):
        yield InvalidInput(problem="Each slug may be there once only.", path=path)


def stored_options(options: Sequence[Option]) -> list[dict[str, Any]]:
    """Options as a product's row keeps them."""
    return [
        {
            "slug": option.slug,
            "name": dict(option.name),
            "values": [{"slug": value.slug, "name": dict(value.name)} for value in option.values],
        }
        for option in options
    ]


def choices(options: Sequence[Mapping[str, Any]]) -> list[tuple[str, set[str]]]:
    """What variants can tell of stored options: names in other languages don't matter to them."""
    return [(option["slug"], {value["slug"] for value in option["values"]}) for option in options]


def attribute_values(
    given: Mapping[str, Sequence[str]], known: Mapping[str, Mapping[str, Any]]
) -> tuple[list[tuple[UUID, str]], list[DomainError]]:
    """(attribute id, value) of all good ones, and what is wrong with the others.

    known: slug -> row of the attributes of the product's type.
    """
    if len(given) > MAX_ATTRIBUTES:
        problem = f"Use at most {MAX_ATTRIBUTES} attributes."
        return [], [InvalidInput(problem=problem, path=("attributes",))]
    values: list[tuple[UUID, str]] = []
    wrong: list[DomainError] = []
    for n, (slug, texts) in enumerate(given.items()):
        attribute = known.get(slug)
        if told := _attribute_problem(texts, attribute):
            wrong.append(InvalidInput(problem=told, path=("attributes", str(n))))
        elif attribute:
            values += [(attribute["id"], text) for text in dict.fromkeys(texts)]
    return values, wrong


def _attribute_problem(texts: Sequence[str], attribute: Mapping[str, Any] | None) -> str | None:
    if attribute is None:
        return "The product's type has no such attribute."
    kind = attribute["kind"]
    most = MAX_ATTRIBUTE_VALUES if kind in {AttributeKind.TEXT, AttributeKind.CHOICE} else 1
    if len(texts) > most:
        return f"This attribute takes at most {most} values."
    if any(next(line_problems(text, longest=ATTRIBUTE_VALUE), None) for text in texts):
        return f"A value is one line of 1 to {ATTRIBUTE_VALUE} characters."
    if not all(_fits(text, attribute) for text in texts):
        return _EXPECTED[kind]
    return None


_EXPECTED: Final = {
    AttributeKind.CHOICE: "This attribute takes some of its choices only.",
    AttributeKind.NUMBER: "This attribute is a decimal number.",
    AttributeKind.BOOLEAN: "This attribute is true or false.",
}


def _fits(text: str, attribute: Mapping[str, Any]) -> bool:
    match attribute["kind"]:
        case AttributeKind.CHOICE:
            return text in attribute["choices"]
        case AttributeKind.NUMBER:
            return _is_number(text)
        case AttributeKind.BOOLEAN:
            return text in {"true", "false"}
        case _:
            return True


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
