"""What the platform's staff sends about search."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import strawberry

from core.errors import InvalidInput
from schema.ids import required
from schema.pagination import SortDirection
from services.search import RuleChange

EDITED = "The version that was read; refused when somebody has changed it since."


@strawberry.input(description="Phrases that mean the same to a search.")
class SearchSynonymsInput:
    phrases: list[str] = strawberry.field(
        description="2 to 8 different ones, or 1 to 8 with `typed`: of 1 to 5 words, at most 100"
        " characters. Capitals, accents and punctuation do not matter."
    )
    typed: str | None = strawberry.field(
        default=None,
        description="Only who types this finds the phrases too, not the reverse. Null: each finds"
        " all the others.",
    )


@strawberry.input(description="All synonyms and stop words: what is not here goes.")
class SearchSynonymsSetInput:
    synonyms: list[SearchSynonymsInput] = strawberry.field(description="At most 1,000 sets.")
    stop_words: list[str] = strawberry.field(
        description="Words that are not searched for beside others: at most 500 of at most 50"
        " characters."
    )
    expected_version: int | None = strawberry.field(default=None, description=EDITED)


@strawberry.input(description="How much higher a product comes.")
class SearchBoostInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    factor: float = strawberry.field(
        description="By what its score is multiplied: 0.1 to 10, to two decimals."
    )


@strawberry.input(
    description="What comes first, higher or last for a query. What is left out stays as it is; a"
    " list replaces the one that is there."
)
class SearchRuleUpsertInput:
    query: str = strawberry.field(
        description="Finds the rule again: 1 to 200 characters. Capitals, accents and punctuation"
        " do not matter; it counts for searches of just these words."
    )
    pinned: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="At most 20 products that come first, in this order, even without the words.",
    )
    boosted: list[SearchBoostInput] | None = strawberry.field(
        default=None, description="At most 100 products that come higher, or lower."
    )
    buried: list[strawberry.ID] | None = strawberry.field(
        default=None, description="At most 100 products that come after all others."
    )
    is_active: bool | None = strawberry.field(
        default=None, description="Whether it counts; a new one does if not said."
    )
    expected_version: int | None = strawberry.field(default=None, description=EDITED)


@strawberry.input(description="A rule to be deleted.")
class SearchRuleDeleteInput:
    id: strawberry.ID = strawberry.field(description="The rule.")


@strawberry.input(description="Which rules; all conditions must hold.")
class SearchRuleWhere:
    query: str | None = strawberry.field(
        default=None, description="Whose query begins so; at most 200 characters."
    )
    is_active: bool | None = strawberry.field(default=None, description="Whether they count.")


@strawberry.enum(description="What rules are sorted by.")
class SearchRuleSortKey(StrEnum):
    QUERY = "QUERY"
    CHANGED = "CHANGED"


@strawberry.input(description="In which order rules come.")
class SearchRuleSort:
    key: SearchRuleSortKey = strawberry.field(
        default=SearchRuleSortKey.QUERY, description="By their queries, or by their last change."
    )
    direction: SortDirection | None = strawberry.field(
        default=None, description="QUERY rises if not said, CHANGED falls."
    )


def change_of(given: SearchRuleUpsertInput) -> RuleChange:
    """Raises: NotFound for what is no product's id; InvalidInput for one that is named twice."""
    return RuleChange(
        pinned=_products(given.pinned, "pinned"),
        boosted=_factors(given.boosted),
        buried=_products(given.buried, "buried"),
        is_active=given.is_active,
    )


def _products(ids: Sequence[str] | None, name: str) -> list[UUID] | None:
    if ids is None:
        return None
    return [required("Product", each, name, str(n)) for n, each in enumerate(ids)]


def _factors(given: Sequence[SearchBoostInput] | None) -> dict[UUID, int] | None:
    """Factors in hundredths."""
    if given is None:
        return None
    factors = {
        required("Product", each.product_id, "boosted", str(n), "productId"): round(
            each.factor * 100
        )
        for n, each in enumerate(given)
    }
    if len(factors) < len(given):
        raise InvalidInput(problem="Each product once only.", path=("boosted",))
    return factors
