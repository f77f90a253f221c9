"""Search as the platform's staff keeps it, and what apps tell of it."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import strawberry

from core.errors import BadUserInput, InvalidInput, NotFound, VersionConflict
from core.identity import Permission
from engine.declare import batched, column, root
from resolvers import search as resolve
from resolvers.context import RequestContext
from resolvers.loaders.search import SEARCH_RULES
from resolvers.paging import Ask, page, window
from schema.access import staff
from schema.errors import Outcome, Payload, UserError, mutation, shown
from schema.fields import relation
from schema.ids import outside, required
from schema.pagination import After, Before, First, Last, is_falling
from schema.scalars import DateTime
from schema.search.queries import SearchQuery
from schema.search.staff_inputs import (
    SearchRuleDeleteInput,
    SearchRuleSort,
    SearchRuleUpsertInput,
    SearchRuleWhere,
    SearchSynonymsSetInput,
    change_of,
)
from schema.search.staff_types import (
    SearchReport,
    SearchRule,
    SearchRuleConnection,
    SearchVocabulary,
)
from schema.search.tracking import EventMutation
from services.search import TooManySearchRules as Refusal

KEEPERS: Final = staff(Permission.MANAGE_TAXONOMY)
MAX_QUERY: Final = 200

From = Annotated[
    DateTime | None,
    strawberry.argument(
        name="from", description="The first day, in UTC; 29 days before the last if not said."
    ),
]
To = Annotated[
    DateTime | None,
    strawberry.argument(name="to", description="The last day, in UTC; today if not said."),
]


@shown(Refusal)
@strawberry.type(description="There are as many rules as there may be.")
class TooManySearchRules(UserError):
    maximum: int = column(int, description="How many there may be.")


@strawberry.type
class SearchStaffQuery(SearchQuery):
    @root(SearchVocabulary, auth=KEEPERS, description="All synonyms and stop words.")
    async def search_vocabulary(ctx: RequestContext) -> Any:
        return await resolve.vocabulary_row(ctx)

    @root(SearchRuleConnection, auth=KEEPERS, description="Rules, by query.")
    async def search_rules(
        ctx: RequestContext,
        where: SearchRuleWhere | None = None,
        sort_by: SearchRuleSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        sort, asked = sort_by or SearchRuleSort(), window(first, after, last, before)
        filters = _filters(where) if where else None
        falling = is_falling(sort.direction)
        return await page(ctx, Ask(resolve.RULES, asked, sort.key.value, falling, filters))

    @root(
        SearchReport | None,
        auth=staff(Permission.VIEW_ANALYTICS),
        description="How search did: at most 366 days. For the platform's staff; null for those of"
        " merchants.",
    )
    async def search_report(ctx: RequestContext, from_: From = None, to: To = None) -> Any:
        asked = resolve.report(ctx, from_, to)
        return None if asked is None else {**await resolve.totals(ctx, asked), "report": asked}


def _filters(where: SearchRuleWhere) -> dict[str, Any]:
    """Raises: BadUserInput."""
    if len(where.query or "") > MAX_QUERY:
        raise BadUserInput(f"A query has at most {MAX_QUERY} characters.")
    return {"beginning": resolve.key_of(where.query or "") or None, "active": where.is_active}


@strawberry.type(description="The words as they are now, or why nothing changed.")
class SearchSynonymsSetPayload(Payload):
    @batched(SearchVocabulary | None, description="All of them; null when refused.")
    async def vocabulary(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        return [
            await resolve.vocabulary_row(ctx) if payload["is_set"] else None for payload in payloads
        ]


@strawberry.type(description="The rule, or why nothing changed.")
class SearchRuleUpsertPayload(Payload):
    rule: SearchRule | None = relation(
        SearchRule | None, SEARCH_RULES, "rule_id", description="The rule; null when refused."
    )


@strawberry.type(description="Which rule is gone, or why nothing changed.")
class SearchRuleDeletePayload(Payload):
    deleted_rule_id: strawberry.ID | None = column(
        strawberry.ID | None,
        convert=outside("SearchRule"),
        description="The id of the rule; null when refused.",
    )


@strawberry.type
class SearchMutation(EventMutation):
    @mutation(
        SearchSynonymsSetPayload,
        auth=KEEPERS,
        description="Replaces all synonyms and stop words. The same again changes nothing.",
        refusals=[InvalidInput, VersionConflict],
    )
    async def search_synonyms_set(
        ctx: RequestContext, input: SearchSynonymsSetInput
    ) -> dict[str, Any]:
        await resolve.synonyms_set(
            ctx,
            synonyms=[(each.phrases, each.typed) for each in input.synonyms],
            stop_words=input.stop_words,
            expected_version=input.expected_version,
        )
        return {"is_set": True}

    @mutation(
        SearchRuleUpsertPayload,
        auth=KEEPERS,
        description="Makes the rule for a query, or changes it. The same again changes nothing.",
        refusals=[NotFound, InvalidInput, VersionConflict, Refusal],
    )
    async def search_rule_upsert(
        ctx: RequestContext, input: SearchRuleUpsertInput
    ) -> dict[str, Any]:
        rule_id = await resolve.rule_upsert(
            ctx,
            query=input.query,
            change=change_of(input),
            expected_version=input.expected_version,
        )
        return {"rule_id": rule_id}

    @mutation(
        SearchRuleDeletePayload,
        auth=KEEPERS,
        description="Deletes a rule.",
        refusals=[NotFound],
    )
    async def search_rule_delete(
        ctx: RequestContext, input: SearchRuleDeleteInput
    ) -> dict[str, Any]:
        rule_id = required("SearchRule", input.id, "id")
        await resolve.rule_delete(ctx, rule_id=rule_id)
        return {"deleted_rule_id": rule_id}
