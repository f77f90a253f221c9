"""Nobody sees what is another's: every root field, every type, every kind of caller, both ways."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from uuid import UUID

import pytest
from graphql import GraphQLField, get_named_type, is_required_argument
from sqlalchemy import any_, select

from auth.callers import grants_of
from core.db import Database, Query, counted
from core.identity import (
    ANONYMOUS,
    EVERYONE,
    FIRST_PARTY,
    PLATFORM_ONLY,
    Caller,
    CallerKind,
    Permission,
)
from engine.access import holds, rule_of
from models.cart import Cart
from resolvers.loaders.base import KEYS
from resolvers.loaders.cart import CARTS
from tests.architecture.affairs import describe_merchants, keep_records
from tests.architecture.conftest import House
from tests.architecture.market import Market, Private, open_market
from tests.architecture.operations import may, selection, smallest
from tests.architecture.purchases import buy_everything, live
from tests.architecture.searching import WORD, open_search
from tests.factories.accounts import make_guest, make_user

EXECUTORS: Final = ("ours", "reference", "repeated")
DEPTH: Final = 2  # types below a root field: what is deeper is nearer to another one
FIRST: Final = {FIRST_PARTY: EVERYONE}  # signed in with us, not through a client
KNOW_BUYERS: Final = {"Order", "OrderGroup", "User"}
HEX_ID: Final = re.compile(r"[0-9a-f]{32}")

# Of which rows of its merchant staff sees with which permission; of all merchants: the platform's.
_PRODUCTS = {Permission.MANAGE_PRODUCTS}
_SETTINGS = {Permission.MANAGE_SETTINGS}
_ORDERS = {Permission.MANAGE_ORDERS, Permission.MANAGE_SHIPMENTS}
STAFF_SEES: Final[dict[str, set[Permission]]] = {
    **dict.fromkeys(("Order", "OrderLine", "OrderEvent"), _ORDERS),
    **dict.fromkeys(("Shipment", "Parcel", "TrackingEvent"), _ORDERS),
    "Refund": _ORDERS,
    "StockMovement": {Permission.MANAGE_INVENTORY},
    "Warehouse": {Permission.MANAGE_INVENTORY, Permission.MANAGE_WAREHOUSES},
    "StaffInvitation": {Permission.MANAGE_STAFF},
    "CustomerGroup": {Permission.MANAGE_CUSTOMERS},
    **dict.fromkeys(("AppToken", "AuditEntry"), _SETTINGS),
    **dict.fromkeys(("Product", "ProductVariant", "Review", "Collection"), _PRODUCTS),
}
PLATFORM_SEES: Final = {
    "OrderGroup": Permission.MANAGE_ORDERS,
    "Payment": Permission.MANAGE_PAYMENTS,
    "Refund": Permission.MANAGE_PAYMENTS,
    "AuditEntry": Permission.VIEW_AUDIT,
    "SearchRule": Permission.MANAGE_TAXONOMY,
}
NOT_FOR_PLATFORM: Final = {"AuditEntry"}  # who may change all settings is no auditor by that
AUDITORS_WORD: Final = "the auditors' word"
FIRST_PARTY_SEES: Final = {"Identity", "Passkey", "Session"}
# Whoever buys here also works here, so that both kinds of lists name them.
NAMES_PEOPLE: Final = {Permission.MANAGE_STAFF, Permission.MANAGE_CUSTOMERS}


COUNTING: Final = {*PLATFORM_SEES.values(), *STAFF_SEES["Warehouse"], *STAFF_SEES["Product"]} | (
    _ORDERS | NAMES_PEOPLE | {Permission.MANAGE_MERCHANTS, Permission.MANAGE_SETTINGS}
)


def is_theirs(row: Private, caller: Caller) -> bool:
    """Whether the rules above show a row to a caller."""
    if row.owner_id is not None and row.owner_id == caller.subject:
        return row.kind not in FIRST_PARTY_SEES or FIRST_PARTY in caller.grants
    if row.kind in PLATFORM_SEES and _is_platform(caller, PLATFORM_SEES[row.kind]):
        return True
    permissions = STAFF_SEES.get(row.kind, set())
    return row.merchant_id is not None and any(
        caller.may(permission, row.merchant_id)
        and not (row.kind in NOT_FOR_PLATFORM and _is_platform(caller, permission))
        for permission in permissions
    )


def _is_platform(caller: Caller, permission: Permission) -> bool:
    return caller.merchants(permission) is None


async def people(db: Database, house: House) -> tuple[Market, dict[str, Caller]]:
    """Two merchants, two customers and a guest who bought of both, and every kind of staff."""
    async with db.transaction() as session:
        market = await open_market(session, 1, merchants=2)
        await open_search(session, market)
        guest_id, _ = await make_guest(session, house.shop.tokens)
        users = [await make_user(session, email=f"{name}word@example.test") for name in ("a", "b")]
        for subject, word in zip([users[0].id, users[1].id, guest_id], "abc", strict=True):
            market.words[subject] = f"{word}word"
            await buy_everything(session, market, subject)
        for user in users:
            await live(session, market, user)
            await keep_records(session, market, user)
        await describe_merchants(session, market)
    mine, other = (stall.merchant.id for stall in market.stalls)
    two_jobs = [
        member(mine, Permission.MANAGE_ORDERS),
        member(other, Permission.MANAGE_PRODUCTS, Permission.MANAGE_INVENTORY),
    ]
    program = grants_of([], [member(mine, Permission.MANAGE_ORDERS, Permission.MANAGE_PRODUCTS)])
    callers = {
        "anonymous": ANONYMOUS,
        "customer": Caller(CallerKind.USER, users[0].id, None, FIRST),
        "other customer": Caller(CallerKind.USER, users[1].id, None, FIRST),
        "customer through a client": Caller(CallerKind.USER, users[0].id),
        "guest": Caller(CallerKind.GUEST, guest_id),
        "stranger": Caller(CallerKind.USER, UUID(int=1), None, FIRST),
        "other merchant": staff([*Permission], other),
        "staff of two merchants": Caller(
            CallerKind.USER, UUID(int=4), None, grants_of([], two_jobs)
        ),
        "program of a merchant": Caller(CallerKind.APP, UUID(int=5), None, program),
    }
    for permission in Permission:
        if permission not in PLATFORM_ONLY:
            callers[f"staff with {permission}"] = staff([permission], mine)
        everywhere = grants_of([permission.value], [])
        callers[f"platform with {permission}"] = Caller(
            CallerKind.USER, UUID(int=2), None, everywhere
        )
    return market, callers


def staff(permissions: list[Permission], merchant_id: UUID) -> Caller:
    grants = grants_of([], [member(merchant_id, *permissions)])
    return Caller(CallerKind.USER, UUID(int=3), None, grants)


def member(merchant_id: UUID, *permissions: Permission) -> dict[str, Any]:
    return {"merchant_id": merchant_id, "is_owner": False, "permissions": permissions}


class Asked(NamedTuple):
    query: str
    variables: dict[str, Any]


def asked_for(house: House, market: Market, caller: Caller) -> Iterator[Asked]:
    """Every root field that the caller may ask for, of every object, with all that it leads to."""
    schema, allowed = house.graphql, may(house.context(caller))
    for name, field in schema.query_type.fields.items():
        named: Any = get_named_type(field.type)
        if not allowed(field) or not allowed(named):
            continue
        inner = selection(schema, named, depth=DEPTH, allowed=allowed)
        for variables, arguments, values in calls(field, market):
            query = f"query{variables} {{ {name}{arguments} {{ {inner} }} }}"
            for value in values:
                yield Asked(query, value)


def calls(field: GraphQLField, market: Market) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Variables and arguments with which a root field finds every object that it may find."""
    named: Any = get_named_type(field.type)
    one = [{"id": text} for text in market.outside(named.name)]
    if "ids" in field.args:
        values = [{"ids": batch} for batch in batches(market)]
        yield "($ids: [ID!]!)", "(ids: $ids)", values
    elif "id" in field.args:
        firsts = [{"id": market.outside(kind)[0]} for kind in market.ids]
        yield "($id: ID!)", "(id: $id)", firsts if named.name == "Node" else one
    elif "by" in field.args:
        yield "($id: ID!)", "(by: {id: $id})", one
    for words in {"query", "prefix"} & {*field.args}:
        yield "($words: String!)", f"({words}: $words)", [{"words": ""}, {"words": WORD}]
    if not any(map(is_required_argument, field.args.values())):
        yield "", "", [{}]


def batches(market: Market) -> list[list[str]]:
    """All ids there are, as many at a time as `nodes` takes."""
    ids = [text for kind in market.ids for text in market.outside(kind)]
    return [ids[start : start + 100] for start in range(0, len(ids), 100)]


def leaks(market: Market, caller: Caller, answer: str) -> set[str]:
    """What stands in an answer and is not the caller's to see."""
    seen = {*HEX_ID.findall(answer.replace("-", ""))}
    stocked = Permission.MANAGE_INVENTORY  # stock names its variants, the hidden ones too
    hidden = [
        row
        for row in market.private
        if not is_theirs(row, caller)
        and not (
            row.kind == "ProductVariant"
            and row.merchant_id
            and caller.may(stocked, row.merchant_id)
        )
    ]
    names_people = bool({*caller.grants} & NAMES_PEOPLE)
    found = {
        f"{row.kind} {row.id.hex}"
        for row in hidden
        if row.id.hex in seen and not (row.kind == "User" and names_people)
    }
    if AUDITORS_WORD in answer and not _is_platform(caller, Permission.VIEW_AUDIT):
        found.add(AUDITORS_WORD)
    for owner_id, word in market.words.items():
        if names_people:
            continue
        orders = [row for row in market.private if row.kind in KNOW_BUYERS]
        knows = any(is_theirs(row, caller) for row in orders if row.owner_id == owner_id)
        if word in answer and not knows:
            found.add(f"the word of {owner_id}")
    return found


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_nodes_finds_exactly_what_is_ones_own(
    house: House, db: Database, executor: str
) -> None:
    market, callers = await people(db, house)
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"

    for name, caller in callers.items():
        seen: set[str] = set()
        for batch in batches(market):
            answer = await house.ask(caller, query, executor, ids=batch)
            assert answer.errors is None, name
            assert answer.data, name
            seen |= {
                HEX_ID.findall(row["id"])[0]
                for row in answer.data["nodes"]
                if row and row["__typename"] != "Customer"  # whose id is the user's
            }
        expected = {row.id.hex for row in market.private if is_theirs(row, caller)}
        private = {row.id.hex: row.kind for row in market.private}
        unlike = (seen & {*private}) ^ expected
        assert {private[each] for each in unlike} == set(), name


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_nothing_that_a_caller_may_ask_for_leads_to_what_is_anothers(
    house: House, db: Database, executor: str
) -> None:
    market, callers = await people(db, house)

    for name, caller in callers.items():
        if caller.grants and not {*caller.grants} & COUNTING:
            continue  # like a stranger, as `nodes` has shown
        for asked in asked_for(house, market, caller):
            answer = await house.ask(caller, asked.query, executor, **asked.variables)
            assert answer.errors is None, f"{name}: {asked}"
            assert leaks(market, caller, str(answer.data)) == set(), f"{name}: {asked}"


async def test_a_loader_without_its_scope_is_found_out(
    house: House, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    market, callers = await people(db, house)
    open_door = Query(select(*Cart.__table__.c).where(Cart.id == any_(KEYS)))
    monkeypatch.setattr(CARTS, "query", open_door)
    stranger = callers["stranger"]

    found = set()
    for asked in asked_for(house, market, stranger):
        answer = await house.ask(stranger, asked.query, **asked.variables)
        found |= leaks(market, stranger, str(answer.data))

    assert {each.split()[0] for each in found} == {"Cart"}


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_a_root_field_is_refused_to_whoever_lacks_its_permission(
    house: House, db: Database, executor: str
) -> None:
    _, callers = await people(db, house)
    everybodys = {"anonymous", "guest"}

    for operation, root in (
        ("query", house.graphql.query_type),
        ("mutation", house.graphql.mutation_type),
    ):
        for field_name, field in root.fields.items():
            rule = rule_of(field)
            query, variables = smallest(operation, field_name, field)
            for name, caller in callers.items():
                if rule is None or holds(rule.requires, house.context(caller)):
                    continue
                with counted() as statements:
                    answer = await house.ask(caller, query, executor, **variables)
                assert answer.data is None, f"{name}: {field_name}"
                code = "UNAUTHENTICATED" if name in everybodys else "FORBIDDEN"
                codes = [(each.extensions or {}).get("code") for each in answer.errors or ()]
                assert codes == [code], f"{name}: {field_name}"
                assert statements == []
