"""People who work for merchants, and go."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from auth.passwords import hashed
from auth.tokens import Tokens
from core.clock import now
from core.db import Database
from models.accounts import User
from models.merchants import Membership, MerchantRecord, StaffInvitation
from services import merchants
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_invitation, make_merchant, make_record
from tests.merchants.operations import refused
from tests.merchants.rows import members


async def sole(db: Database, user: User) -> list[Any]:
    async with db.transaction() as session:
        return await merchants.sole_ownerships(session, user.id)


async def test_what_somebody_alone_owns_must_be_taken_over_first(db: Database) -> None:
    async with db.transaction() as session:
        alone, shared, abandoned, closed, other = [
            await make_merchant(session, status=status)
            for status in ("ACTIVE", "SUSPENDED", "ACTIVE", "CLOSED", "ACTIVE")
        ]
        owner = await make_staff(session, alone, is_owner=True)
        for merchant in (shared, abandoned, closed):
            session.add(Membership(user_id=owner.id, merchant_id=merchant.id, is_owner=True))
        session.add(Membership(user_id=owner.id, merchant_id=other.id))
        await make_staff(session, shared, is_owner=True)
        (await make_staff(session, abandoned, is_owner=True)).is_active = False

    assert await sole(db, owner) == sorted([alone.id, abandoned.id])


async def test_of_two_owners_whose_accounts_close_at_once_one_is_kept(db: Database) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        owners = [await make_staff(session, merchant, is_owner=True) for _ in range(2)]

    async def close(user: User) -> bool:
        async with db.transaction() as session:
            if await merchants.sole_ownerships(session, user.id):
                return False
            await asyncio.sleep(0.05)
            (await session.get_one(User, user.id)).is_active = False
            return True

    assert Counter(await asyncio.gather(*map(close, owners))) == {True: 1, False: 1}


async def test_the_last_one_who_manages_the_platforms_staff_may_not_leave(db: Database) -> None:
    async with db.transaction() as session:
        last = await make_user(session, platform=("MANAGE_STAFF",))
        clerk = await make_user(session, platform=("VIEW_AUDIT",))

    async with db.transaction() as session:
        await merchants.require_may_leave(session, clerk.id)
        with pytest.raises(merchants.LastStaffManager):
            await merchants.require_may_leave(session, last.id)


async def test_of_who_is_erased_no_merchant_keeps_an_address(db: Database) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        owner = await make_staff(session, merchant, is_owner=True)
        clerk = await make_staff(session, merchant, "MANAGE_ORDERS")
        mine = await make_record(session, merchant, contact_email=clerk.email)
        other = await make_merchant(session)
        theirs = await make_record(session, other)
        invitation = await make_invitation(session, other, owner, email=clerk.email)
        joined = await make_invitation(
            session, merchant, owner, email=None, accepted_at=now(), accepted_by=clerk.id
        )

    async with db.transaction() as session:
        copy = await merchants.personal_data(session, clerk.id)
        await merchants.erase_person(session, user_id=clerk.id, email=clerk.email)

    assert [row["name"] for row in copy["memberships"]] == [merchant.name]
    assert [row["name"] for row in copy["staff_invitations"]] == [other.name, merchant.name]
    assert {*await members(db, merchant.id)} == {owner.id}
    async with db.transaction() as session:
        ours = await session.get_one(MerchantRecord, mine.merchant_id)
        untouched = await session.get_one(MerchantRecord, theirs.merchant_id)
        revoked = await session.get_one(StaffInvitation, invitation.id)
        kept = await session.get_one(StaffInvitation, joined.id)
    assert (ours.contact_email, ours.contact_phone) == (None, None)
    assert ours.legal_name == f"{merchant.name} Ltd"
    assert untouched.contact_email == "office@example.test"
    assert (revoked.email, revoked.revoked_at is not None) == (None, True)
    assert kept.accepted_by == clerk.id


async def test_the_last_one_who_manages_the_platforms_staff_can_not_delete_their_account(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    hash_ = await hashed("a long enough password")
    async with db.transaction() as session:
        last = await make_user(session, password_hash=hash_, platform=("MANAGE_STAFF",))
        as_last = ask.as_(await sign_in(session, tokens, last))

    answer = await as_last(
        """mutation { accountDelete(input: {password: "a long enough password"}) {
          userErrors { __typename field } } }"""
    )

    assert refused(answer["accountDelete"]) == [("LastStaffManager", None)]
    async with db.transaction() as session:
        assert (await session.get_one(User, last.id)).is_active
