"""Parity over the whole shop: random operations give the same on both executors."""

import os
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLSchema, build_schema, print_schema
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from starlette.applications import Starlette
from strawberry.types import ExecutionResult

from app import new_app
from auth.callers import grants_of
from auth.tokens import Tokens
from core.db import Database
from core.identity import ANONYMOUS, EVERYONE, FIRST_PARTY, Caller, CallerKind, Permission
from core.ids import encode
from core.settings import Settings
from resolvers.context import RequestContext
from schema import new_schema
from tests.asking import Ask
from tests.engine.parity import assert_same, facts, random_operations
from tests.factories.catalog import make_brand, make_category
from tests.factories.search import index
from tests.factories.shops import make_stall
from tests.shopping import place, start_cart, start_checkout

EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
SCALARS = {
    "CountryCode": st.just("CN").map(nodes.String),
    "CurrencyCode": st.sampled_from(["USD", "CNY", "JPY"]).map(nodes.String),
    "LanguageCode": st.sampled_from(["en", "zh-Hans"]).map(nodes.String),
    "Decimal": st.sampled_from(["0.50", "12.00", "9999999"]).map(nodes.String),
    "BigInt": st.sampled_from(["1", "7"]).map(nodes.String),
    "DateTime": st.just("2026-01-01T00:00:00Z").map(nodes.String),
    "JSON": st.just("{}").map(nodes.String),
}
ID_ARGUMENT = re.compile(r'(\b(?:id|[a-z]+Id|category|collection)): "[^"]*"')
ID_LIST = re.compile(r"(\b(?:ids|brands|merchants|parents)): \[[^\]]*\]")
PAGE_SIZE = re.compile(r"\bfirst: -?\d+")
OTHER_PAGING = re.compile(r'\b(after|last|before): ("[^"]*"|-?\d+)')
WORDS = re.compile(r'\b(query|prefix): "[^"]*"')
TOOK = re.compile(r"\btookMs\b")  # two searches never take the same time
OUTSIDE_ID = re.compile(r"\b([a-z]+)_[0-9a-f]{32}\b")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
TOKEN = re.compile(r"\beyJ[\w.-]+|\b[\w-]{43,}\b")

Execute = Callable[[str, dict[str, Any] | None], Awaitable[ExecutionResult]]


def part_of(schema: GraphQLSchema, *, is_mutation: bool) -> str:
    """The SDL with queries only, or with mutations and the least of queries."""
    query = build_schema("type Query { nothing: Int }").query_type
    kept = GraphQLSchema(
        query=query if is_mutation else schema.query_type,
        mutation=schema.mutation_type if is_mutation else None,
        types=[each for each in schema.type_map.values() if each.name not in {"Query", "Mutation"}],
        directives=[each for each in schema.directives if each.name != "inContext"],
    )
    return print_schema(kept)


class Shop:
    """Both executors over the application's own database, asked as somebody."""

    def __init__(self, app: Starlette, settings: Settings, caller: Caller) -> None:
        self.shop, self.caller = app.state.shop, caller
        self.ours = new_schema(settings, is_reference=False)
        self.theirs = new_schema(settings, is_reference=True)

    def context(self) -> RequestContext:
        return RequestContext(self.shop, self.caller, language="zh-Hans", currency="USD")

    async def with_ours(self, query: str, _: Any = None) -> ExecutionResult:
        return await self.ours.execute(query, context_value=self.context())

    async def with_theirs(self, query: str, _: Any = None) -> ExecutionResult:
        return await self.theirs.execute(query, context_value=self.context())


async def furnish(app: Starlette, db: Database, ask: Ask) -> tuple[list[str], Ask]:
    """A shop with something of everything: ids that exist, and the guest whose cart it is."""
    async with db.transaction() as session:
        category = await make_category(session)
        await make_category(session, parent=category)
        await make_brand(session)
        stalls = [await make_stall(session) for _ in range(3)]
    await index(db, app.state.shop.reader)
    guest, group = await place(ask, *stalls[:2])
    _, cart_id = await start_cart(guest, *stalls)
    checkout_id = await start_checkout(guest, cart_id)
    seen = await guest(
        "{ products { nodes { id merchant { id } category { id } variants { id } } } }"
    )
    ids = [*OUTSIDE_ID.finditer(str(seen) + str(group) + cart_id + checkout_id)]
    return [each[0] for each in ids], guest


def with_known_ids(operation: str, ids: list[str], chance: random.Random) -> str:
    """The operation with ids that exist where it had nonsense; most ask for a possible page."""
    if chance.random() < 0.8:
        operation = PAGE_SIZE.sub("first: 3", operation)
        operation = OTHER_PAGING.sub(lambda found: f"{found[1]}: null", operation)
    words = ["", "product", "category"]
    operation = WORDS.sub(lambda found: f'{found[1]}: "{chance.choice(words)}"', operation)
    operation = TOOK.sub("__typename", operation)
    operation = ID_ARGUMENT.sub(lambda found: f'{found[1]}: "{chance.choice(ids)}"', operation)
    return ID_LIST.sub(
        lambda found: f'{found[1]}: ["{chance.choice(ids)}", "{chance.choice(ids)}"]', operation
    )


def everything(subject: Any, *, is_first_party: bool = False) -> Caller:
    """A caller with every permission there is, who owns what the guest owns."""
    grants = dict(grants_of([each.value for each in Permission], []))
    if is_first_party:
        grants[FIRST_PARTY] = EVERYONE
    return Caller(CallerKind.USER, subject, UUID(int=1), grants)


async def test_parity_of_random_queries_over_the_whole_schema(
    app: Starlette,
    settings: Settings,
    db: Database,
    ask: Ask,
    tokens: Tokens,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What one executor searched for would be in what the other reads.
    monkeypatch.setattr(app.state.shop.searched, "add", lambda *_, **__: None)
    ids, guest = await furnish(app, db, ask)
    assert guest.token is not None
    subject = tokens.read(guest.token).subject
    # Refused to nobody: what is refused comes into the audit log a moment later, between the two.
    shop = Shop(app, settings, everything(subject, is_first_party=True))
    operations = random_operations(part_of(shop.ours._schema, is_mutation=False), EXAMPLES, SCALARS)
    chance, seen = random.Random(1), Counter[str]()

    for operation in operations:
        query = with_known_ids(operation, ids, chance)
        result = await assert_same(shop.with_ours, shop.with_theirs, query)
        seen["with rows"] += "[{" in str(result.data)

    assert shop.ours.engine.unplanned == {}
    assert seen["with rows"] > EXAMPLES / 20


async def test_parity_where_pages_and_lists_are_asked_for_together(
    app: Starlette, settings: Settings, db: Database, ask: Ask
) -> None:
    """A page's row brings what a list's does not; graphql-core's executor asks for both at once."""
    async with db.transaction() as session:
        stall = await make_stall(session)
    variant = encode("variant", stall.variant.id)
    shop = Shop(app, settings, ANONYMOUS)
    product = "media { __typename } attributes { slug } variants { price { amount } }"
    query = f"""{{ node(id: "{variant}") {{ ... on ProductVariant {{
        price {{ amount }} product {{ id {product} }} }} }}
      products {{ nodes {{ slug {product} }} }}
      product(by: {{id: "{encode("product", stall.variant.product_id)}"}}) {{ {product} }} }}"""

    result = await assert_same(shop.with_ours, shop.with_theirs, query)

    assert result.errors is None
    assert result.data is not None
    assert result.data["product"]["variants"]


async def test_parity_of_random_mutations_over_the_whole_schema(
    settings: Settings, fresh_database: Any
) -> None:
    """Each executor has a database of its own; both see the same mutations in the same order."""
    sides = []
    for _ in range(2):
        own = settings.model_copy(update={"database_url": await fresh_database()})
        sides.append((new_app(own), own))
    subject = "018f0000-0000-7000-8000-000000000001"
    async with (
        sides[0][0].router.lifespan_context(sides[0][0]),
        sides[1][0].router.lifespan_context(sides[1][0]),
    ):
        first, second = (Shop(app, own, everything(subject)) for app, own in sides)
        sdl = part_of(first.ours._schema, is_mutation=True)
        for operation in random_operations(sdl, max(EXAMPLES // 5, 40), SCALARS):
            mine = await first.with_ours(operation)
            await forget_tries(first)
            reference = await second.with_theirs(operation)
            await forget_tries(second)
            assert masked(mine.data) == masked(reference.data), operation
            assert masked(facts(mine)) == masked(facts(reference)), operation


async def forget_tries(side: Shop) -> None:
    """Both sides count what strangers try in one Valkey: neither may brake the other."""
    await side.shop.redis.flushdb()


def masked(value: Any) -> str:
    """As text, without what each database makes anew: ids, moments, tokens."""
    text = OUTSIDE_ID.sub(r"\1_", str(sorted(value) if isinstance(value, set) else value))
    return TOKEN.sub("token", MOMENT.sub("moment", text))
