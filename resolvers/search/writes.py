"""The list of rules, and the transaction of each mutation of search."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, Text, bindparam, select

from auth.brakes import TRACKING
from core.identity import Permission
from models.search import SearchRule
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.search import ACTIVE_RULES, VOCABULARIES
from resolvers.scope import permitted_everywhere
from resolvers.search.vocabulary import key_of, phrase_of
from services import analytics, search
from services.search import RuleChange, SynonymSet

LAST_CHARACTER: Final = "\U0010ffff"  # sorts after every other, by bytes

_beginning = bindparam("beginning", type_=Text())
RULES: Final = Listing(
    select(*SearchRule.__table__.c).where(permitted_everywhere(Permission.MANAGE_TAXONOMY)),
    SearchRule.id,
    sorts={
        "QUERY": Sort(SearchRule.query),
        "CHANGED": Sort(SearchRule.updated_at, descending=True),
    },
    filters={
        "beginning": SearchRule.query.between(_beginning, _beginning.concat(LAST_CHARACTER)),
        "active": SearchRule.is_active == bindparam("active", type_=Boolean()),
    },
    spread={},
)


async def synonyms_set(
    ctx: RequestContext,
    *,
    synonyms: Sequence[tuple[Sequence[str], str | None]],
    stop_words: Sequence[str],
    expected_version: int | None,
) -> None:
    """synonyms: of each set the phrases, and what alone is typed for them."""
    sets = [
        SynonymSet(
            phrases=[phrase_of(phrase) for phrase in phrases],
            typed=None if typed is None else phrase_of(typed),
        )
        for phrases, typed in synonyms
    ]
    async with ctx.db.transaction() as session:
        await search.set_vocabulary(
            session,
            synonyms=sets,
            stop_words=[phrase_of(word) for word in stop_words],
            expected_version=expected_version,
        )
    VOCABULARIES.forget()
    ctx.forget()


async def rule_upsert(
    ctx: RequestContext, *, query: str, change: RuleChange, expected_version: int | None
) -> UUID:
    async with ctx.db.transaction() as session:
        rule_id = await search.save_rule(
            session, query=key_of(query), change=change, expected_version=expected_version
        )
    ACTIVE_RULES.forget()
    ctx.forget()
    return rule_id


async def rule_delete(ctx: RequestContext, *, rule_id: UUID) -> None:
    async with ctx.db.transaction() as session:
        await search.delete_rule(session, rule_id=rule_id)
    ACTIVE_RULES.forget()
    ctx.forget()


async def track(
    ctx: RequestContext, *, events: Sequence[analytics.Seen]
) -> tuple[int, Sequence[analytics.Ignored]]:
    """Raises: Throttled."""
    subject = ctx.caller.subject
    await ctx.shop.brakes.check(TRACKING, None if subject is None else subject.hex)
    async with ctx.db.transaction() as session:
        return await analytics.track(session, events)
