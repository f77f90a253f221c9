"""Applying to sell."""

import asyncio
from collections import Counter

from sqlalchemy import func, select

from auth.tokens import Tokens
from core.clock import now
from core.db import Database, counted
from models.merchants import Merchant, MerchantRecord
from tests.accounts.operations import everything
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.merchants.operations import APPLY, BUSINESS, MINE, application, refused
from tests.merchants.rows import actions, kinds, told


async def someone(db: Database, tokens: Tokens, ask: Ask, *, is_verified: bool = True) -> Ask:
    async with db.transaction() as session:
        user = await make_user(session)
        user.email_verified_at = now() if is_verified else None
        return ask.as_(await sign_in(session, tokens, user))


async def test_whoever_applies_owns_a_merchant_that_nobody_else_sees(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    person = await someone(db, tokens, ask)
    find = '{ merchant(by: {slug: "tea-house"}) { slug record { legalName contactEmail } } }'

    payload = (await person(APPLY, input=application()))["merchantApply"]

    assert refused(payload) == []
    assert {**payload["merchant"], "id": ""} == {
        "id": "", "slug": "tea-house", "status": "APPLIED", "version": 1,
    }  # fmt: skip
    [work] = (await person(MINE))["me"]["memberships"]
    assert (work["merchant"]["slug"], work["isOwner"]) == ("tea-house", True)
    assert (await ask(find))["merchant"] is None
    assert (await person(find))["merchant"]["record"] == {
        "legalName": "Tea House Ltd", "contactEmail": "office@example.test",
    }  # fmt: skip
    async with db.transaction() as session:
        assert await actions(session) == ["MERCHANT_APPLIED"]
        assert await kinds(session) == ["MerchantApplied"]


async def test_a_taken_slug_and_every_bad_fact_are_told_and_nothing_is_made(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    person = await someone(db, tokens, ask)
    async with db.transaction() as session:
        await make_merchant(session, slug="taken")
    facts = BUSINESS | {"legalName": " ", "contactEmail": "nobody", "contactPhone": "call me"}
    bad = application("Not A Slug", name="", business=facts)

    taken = (await person(APPLY, input=application("taken")))["merchantApply"]
    all_at_once = (await person(APPLY, input=bad))["merchantApply"]

    assert refused(taken) == [("Taken", ["slug"])]
    assert refused(all_at_once) == [
        ("InvalidInput", ["slug"]),
        ("InvalidInput", ["name"]),
        ("InvalidInput", ["business", "legalName"]),
        ("InvalidInput", ["business", "contactPhone"]),
        ("InvalidInput", ["business", "contactEmail"]),
    ]
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Merchant)) == 1
        assert await session.scalar(select(func.count()).select_from(MerchantRecord)) == 0
    assert await told(db) == (0, 0)


async def test_of_five_applications_at_once_three_wait_for_an_answer(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    person = await someone(db, tokens, ask)

    payloads = await asyncio.gather(
        *[person(APPLY, input=application(f"shop-{n}")) for n in range(5)]
    )

    outcomes = Counter(str(refused(each["merchantApply"])) for each in payloads)
    assert outcomes == {"[]": 3, "[('TooManyApplications', None)]": 2}
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Merchant)) == 3


async def test_of_two_who_want_a_slug_at_once_one_gets_it(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    people = [await someone(db, tokens, ask) for _ in range(2)]

    payloads = await asyncio.gather(*[each(APPLY, input=application()) for each in people])

    outcomes = Counter(str(refused(each["merchantApply"])) for each in payloads)
    assert outcomes == {"[]": 1, "[('Taken', ['slug'])]": 1}


async def test_who_has_not_confirmed_their_address_does_not_apply(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    person = await someone(db, tokens, ask, is_verified=False)
    before = await everything(db)

    payload = (await person(APPLY, input=application()))["merchantApply"]

    assert refused(payload) == [("EmailUnverified", None)]
    assert await everything(db) == before


async def test_guests_do_not_apply(ask: Ask) -> None:
    answer = await ask.answer(APPLY, input=application())

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_applying_takes_eight_statements(db: Database, tokens: Tokens, ask: Ask) -> None:
    person = await someone(db, tokens, ask)
    await person(MINE)  # the caller is known

    with counted() as statements:
        await person(APPLY, input=application())

    assert len(statements) == 8, statements
