"""The number of statements of a list does not depend on its length: of every list there is."""

from typing import Any, NamedTuple

import asyncpg
import pytest
from graphql import GraphQLSchema, get_named_type, is_required_argument

from auth.callers import grants_of
from core.db import Database, counted
from core.identity import EVERYONE, FIRST_PARTY, Caller, CallerKind, Permission
from resolvers.loaders.base import Snapshot, forget_snapshots
from tests.architecture.affairs import describe_merchants, hire, keep_records
from tests.architecture.conftest import House
from tests.architecture.market import Market, open_market
from tests.architecture.operations import (
    Path,
    fields_with_objects,
    is_list_field,
    paths,
    selection,
)
from tests.architecture.purchases import buy_everything, live
from tests.architecture.searching import WORD, open_search
from tests.factories.accounts import make_user
from tests.rows import delete_all_rows

SMALL, LARGE = 2, 4
NOT_READ = {
    "Query.nodes",  # the way to all others
    "Query.searchProducts",  # the way to its own page
    "VariantUpsertResult.errors",  # of a mutation
}
FROM_SETTINGS = {"Query.loginProviders"}


class Measured(NamedTuple):
    """How many objects came, and what it took."""

    objects: int
    statements: list[str]


async def furnish(db: Database, size: int) -> tuple[Market, Caller]:
    """A market of a size, and somebody who owns all of it and may do everything."""
    async with db.transaction() as session:
        market = await open_market(session, size, merchants=size)
        user = await make_user(session, email="owner@example.test")
        await open_search(session, market)
        market.words[user.id] = "ownerword"
        await buy_everything(session, market, user.id)
        await live(session, market, user)
        await keep_records(session, market, user)
        await describe_merchants(session, market)
        for _ in range(size):
            await hire(session, market)
    grants = {**grants_of([each.value for each in Permission], []), FIRST_PARTY: EVERYONE}
    return market, Caller(CallerKind.USER, user.id, None, grants)


def starts(schema: GraphQLSchema, market: Market) -> dict[str, Path]:
    """Types that `nodes` finds, and Query itself."""
    query = schema.query_type
    assert query is not None
    found: dict[str, Path] = {}
    for each in schema.get_possible_types(schema.type_map["Node"]):  # type: ignore[arg-type]
        if market.ids.get(each.name):
            ids = ", ".join(f'"{text}"' for text in market.outside(each.name))
            found[each.name] = Path(("nodes", f"... on {each.name}"), f"(ids: [{ids}])")
    tracked = f'(trackingNumber: "{market.tracking_number}", phoneDigits: "4321")'
    return found | {
        "ShipmentTracking": Path(("trackShipment",), tracked),
        "ProductSearchConnection": Path(("searchProducts",), '(query: "")'),
        "SearchSuggestions": Path(("searchSuggestions",), f'(prefix: "{WORD}")'),
        "Query": Path(()),
    }


async def measured(house: House, market: Market, caller: Caller) -> dict[str, Measured]:
    """Of every field that gives objects, asked for all the objects that have it."""
    schema = house.graphql
    ways = paths(schema, starts(schema, market))
    found = {}
    for type_, name, field in fields_with_objects(schema):
        if type_.name in ways and not any(map(is_required_argument, field.args.values())):
            inner = selection(schema, get_named_type(field.type), depth=1)
            query = ways[type_.name].asking(f"{name} {{ {inner} }}")
            result = await house.ask(caller, query)
            assert result.errors is None, query
            with counted() as statements:
                await house.ask(caller, query)
            found[f"{type_.name}.{name}"] = Measured(objects_in(result.data), statements)
    return found


def objects_in(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(objects_in, value))
    return 1 + sum(map(objects_in, value.values())) if isinstance(value, dict) else 0


@pytest.fixture(autouse=True)
def _lasting_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference table that is read again after its five seconds would be one statement more."""
    for snapshot in Snapshot.all:
        monkeypatch.setattr(snapshot, "seconds", 3600.0)


async def test_a_longer_list_takes_no_more_statements(
    house: House, db: Database, cleaner: asyncpg.Connection
) -> None:
    small = await measured(house, *await furnish(db, SMALL))
    await delete_all_rows(cleaner)
    forget_snapshots()
    large = await measured(house, *await furnish(db, LARGE))

    grown = {
        name: [" ".join(each.split())[:100] for each in large[name].statements]
        for name in small
        if len(large[name].statements) > len(small[name].statements)
    }
    assert grown == {}
    lists = {
        f"{type_.name}.{name}"
        for type_, name, field in fields_with_objects(house.graphql)
        if is_list_field(field)
    }
    assert {name for name in lists if name not in small} == NOT_READ
    assert {
        name for name in lists & {*small} if large[name].objects <= small[name].objects
    } == FROM_SETTINGS
