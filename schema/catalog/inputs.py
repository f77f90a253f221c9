"""What staff sends about the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import strawberry

from core.errors import InvalidInput
from schema.ids import inside, required
from schema.scalars import CurrencyCode, DecimalText, LanguageCode
from services.catalog import KEEP, Option, OptionValue, VariantDraft
from services.pricing import NewPrice

NOWHERE: Final = UUID(int=0)  # the id of nothing
LANGUAGES: Final = "at most 10 languages, `en` among them for a new object"


@strawberry.input(description="A text in one language.")
class TranslationInput:
    language: LanguageCode = strawberry.field(description="The language: `en`, `zh-Hans`.")
    text: str = strawberry.field(
        description="The text; an empty one takes the language's text away."
    )


@strawberry.input(description="One value of an option.")
class ProductOptionValueInput:
    slug: str = strawberry.field(description="Names it for variants: `red`; a-z, 0-9, hyphens.")
    name: list[TranslationInput] = strawberry.field(
        description=f"For people, 1 to 200 characters each; {LANGUAGES}."
    )


@strawberry.input(description="What the variants of a product differ in.")
class ProductOptionInput:
    slug: str = strawberry.field(description="Names it for variants: `color`.")
    name: list[TranslationInput] = strawberry.field(
        description=f"For people, 1 to 200 characters each; {LANGUAGES}."
    )
    values: list[ProductOptionValueInput] = strawberry.field(
        description="1 to 100, in the order in which they are shown."
    )


@strawberry.input(description="The values that a product has of one attribute of its type.")
class AttributeValueInput:
    slug: str = strawberry.field(description="The attribute.")
    values: list[str] = strawberry.field(
        description=(
            "As texts of 1 to 200 characters: choices, numbers like 12.5, true or false. At most"
            " 20 for TEXT and CHOICE, one for the others; none takes them away."
        )
    )


@strawberry.input(description="The value that a variant has of one option.")
class SelectedOptionInput:
    option: str = strawberry.field(description="The slug of the option.")
    value: str = strawberry.field(description="The slug of the value.")


@strawberry.input(description="What a unit costs in one currency, tax included.")
class PriceInput:
    currency: CurrencyCode = strawberry.field(description="The currency: `USD`.")
    amount: DecimalText = strawberry.field(description="Whole units with decimals; 0 or more.")
    compare_at: DecimalText | None = strawberry.field(
        default=None,
        description="What it cost before, to be shown struck through; more than `amount`.",
    )


@strawberry.input(
    description="What a variant shall be. Null leaves what there is; a new one gets the usual."
)
class VariantInput:
    sku: str | None = strawberry.field(
        default=None,
        description="The merchant's own number, unique for the merchant: 1 to 64 characters.",
    )
    options: list[SelectedOptionInput] | None = strawberry.field(
        default=None,
        description=(
            "One known value of each option of the product; no two variants choose the same. A new"
            " variant of a product with options needs it."
        ),
    )
    name: list[TranslationInput] | None = strawberry.field(
        default=None, description="What tells it from its siblings: `Red / L`."
    )
    barcode: str | None = strawberry.field(
        default=None, description="GTIN, EAN or UPC, at most 64 characters; empty takes it away."
    )
    position: int | None = strawberry.field(
        default=None, description="The place among its siblings, 0 to 100,000; last if not said."
    )
    weight_grams: int | None = strawberry.field(
        default=None, description="0 to 10,000,000; 0 when not known."
    )
    minimum_quantity: int | None = strawberry.field(
        default=None, description="How many to buy at once, 1 to 10,000; kept, not enforced yet."
    )
    is_active: bool | None = strawberry.field(
        default=None, description="Inactive ones are not for sale; true if not said."
    )
    prices: list[PriceInput] | None = strawberry.field(
        default=None,
        description="Prices to set, at most 20; needs MANAGE_PRICES. Other currencies stay.",
    )


@strawberry.input(
    description=(
        "One variant of a bulk call. `id` or `sku` finds a known one; a SKU that is not known,"
        " with `productId`, makes a new one."
    )
)
class VariantUpsertInput(VariantInput):
    id: strawberry.ID | None = strawberry.field(
        default=None, description="Of a known variant; its SKU can then be changed."
    )
    product_id: strawberry.ID | None = strawberry.field(
        default=None, description="The product of a new variant; variants never move."
    )


def texts_of(given: Sequence[TranslationInput] | None, *path: str) -> dict[str, str]:
    """Language -> text. Raises: InvalidInput for a language that is named twice."""
    texts: dict[str, str] = {each.language: each.text for each in given or ()}
    if len(texts) < len(given or ()):
        raise InvalidInput(problem="Each language may be there once only.", path=path)
    return texts


def texts_or_keep(given: Sequence[TranslationInput] | None, *path: str) -> Any:
    return KEEP if not given else texts_of(given, *path)


def or_keep(given: Any) -> Any:
    """For parts that can't be empty: null and left out both leave what there is."""
    return KEEP if given is None or given is strawberry.UNSET else given


def id_or_keep(kind: str, given: Any, *path: str) -> Any:
    """For references that may be empty: left out leaves it, null takes it away."""
    if given is strawberry.UNSET:
        return KEEP
    return None if given is None else required(kind, given, *path)


def options_of(given: Sequence[ProductOptionInput] | None) -> list[Option]:
    return [
        Option(
            slug=option.slug,
            name=texts_of(option.name, "options", str(n), "name"),
            values=[
                OptionValue(
                    slug=value.slug,
                    name=texts_of(value.name, "options", str(n), "values", str(m), "name"),
                )
                for m, value in enumerate(option.values)
            ],
        )
        for n, option in enumerate(given or ())
    ]


def attributes_of(given: Sequence[AttributeValueInput]) -> Mapping[str, Sequence[str]]:
    """Raises: InvalidInput for an attribute that is named twice."""
    attributes = {each.slug: each.values for each in given}
    if len(attributes) < len(given):
        problem = "Each attribute may be there once only."
        raise InvalidInput(problem=problem, path=("attributes",))
    return attributes


def draft_of(given: VariantInput, *path: str) -> VariantDraft:
    """Ids that are no ids name nothing: their rows are refused, by the policy of the call.

    Raises: InvalidInput for a language that is named twice.
    """
    known = given if isinstance(given, VariantUpsertInput) else None
    return VariantDraft(
        id=_key("ProductVariant", known.id) if known else None,
        product_id=_key("Product", known.product_id) if known else None,
        sku=given.sku,
        options=_choices(given.options),
        name=None if given.name is None else texts_of(given.name, *path, "name"),
        barcode=given.barcode,
        position=given.position,
        weight_grams=given.weight_grams,
        minimum_quantity=given.minimum_quantity,
        is_active=given.is_active,
        prices=[price_of(price) for price in given.prices or ()],
    )


def _key(kind: str, text: str | None) -> UUID | None:
    return None if text is None else inside(kind, text) or NOWHERE


def _choices(given: Sequence[SelectedOptionInput] | None) -> dict[str, str] | None:
    """An option that is named twice has no value that would do."""
    if given is None:
        return None
    chosen: dict[str, str] = {}
    for each in given:
        chosen[each.option] = "" if each.option in chosen else each.value
    return chosen


def price_of(given: PriceInput) -> NewPrice:
    return NewPrice.of(currency=given.currency, amount=given.amount, compare_at=given.compare_at)
