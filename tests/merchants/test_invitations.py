"""Invitations to work for a merchant."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from auth.brakes import MAIL
from auth.tokens import Tokens
from core.clock import now
from core.db import Database, counted
from core.ids import encode
from models.accounts import User
from models.merchants import Membership, Merchant, StaffInvitation
from services.merchants import delete_expired_invitations
from tests.asking import Ask
from tests.brakes.test_over_http import spellings
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_invitation, make_merchant
from tests.merchants.operations import ACCEPT, MINE, REVOKE, invite, refused, set_permissions
from tests.merchants.rows import actions, members, the_letter, token_of_letter, told

EMAIL = "new@example.test"


class Scene(NamedTuple):
    """A merchant, its owner, and somebody with the address EMAIL, which they have shown."""

    merchant: Merchant
    owner: User
    invited: User
    as_owner: Ask
    as_invited: Ask


@pytest.fixture
async def scene(db: Database, tokens: Tokens, ask: Ask) -> Scene:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        owner = await make_staff(session, merchant, is_owner=True)
        invited = await make_user(session, email=EMAIL)
        invited.email_verified_at = now()
        as_owner, as_invited = [
            ask.as_(await sign_in(session, tokens, each)) for each in (owner, invited)
        ]
    return Scene(merchant, owner, invited, as_owner, as_invited)


async def accept(ask: Ask, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(ACCEPT, token=token))["staffInvitationAccept"]
    return payload


async def test_who_was_invited_accepts_and_works_for_the_merchant(
    db: Database, scene: Scene
) -> None:
    sent = await invite(scene.as_owner, scene.merchant.id, "New@Example.test", "MANAGE_ORDERS")
    token = await token_of_letter(db, EMAIL)

    payload = await accept(scene.as_invited, token)

    assert {**sent["invitation"], "id": ""} == {
        "id": "", "email": EMAIL, "permissions": ["MANAGE_ORDERS"], "isOwner": False,
        "isOpen": True,
    }  # fmt: skip
    assert payload == {"merchant": {"slug": scene.merchant.slug}, "userErrors": []}
    [work] = (await scene.as_invited(MINE))["me"]["memberships"]
    assert (work["isOwner"], work["permissions"]) == (False, ["MANAGE_ORDERS"])
    async with db.transaction() as session:
        assert await actions(session) == ["STAFF_INVITED", "STAFF_JOINED"]
        row = (await session.scalars(select(StaffInvitation))).one()
    assert (row.email, row.accepted_by) == (None, scene.invited.id)
    letter = await the_letter(db, EMAIL)
    assert letter["merchant"] == scene.merchant.name
    assert letter["link"].startswith("http://127.0.0.1:8000/staff/invitation?token=")


async def test_a_letter_that_somebody_else_found_is_worth_nothing_and_stays_good(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        thief = await make_user(session, email="thief@example.test")
        thief.email_verified_at = now()
        as_thief = ask.as_(await sign_in(session, tokens, thief))
    await invite(scene.as_owner, scene.merchant.id, EMAIL, "MANAGE_ORDERS")
    token = await token_of_letter(db, EMAIL)
    before = await told(db)

    stolen = [await accept(as_thief, token), await accept(scene.as_owner, token)]
    after_theft = await members(db, scene.merchant.id), await told(db)
    accepted = await accept(scene.as_invited, token)

    assert [refused(each) for each in stolen] == [[("InvitationInvalid", ["token"])]] * 2
    assert after_theft == ({scene.owner.id: (True, [])}, before)
    assert refused(accepted) == []


async def test_an_address_that_nobody_has_shown_to_be_theirs_accepts_nothing(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        claimant = await make_user(session, email="claimed@example.test")
        as_claimant = ask.as_(await sign_in(session, tokens, claimant))
    await invite(scene.as_owner, scene.merchant.id, "claimed@example.test", "MANAGE_ORDERS")
    token = await token_of_letter(db, "claimed@example.test")

    payload = await accept(as_claimant, token)

    assert refused(payload) == [("EmailUnverified", ["token"])]
    assert {*await members(db, scene.merchant.id)} == {scene.owner.id}


async def test_an_invitation_is_good_once_and_not_after_it_ended(
    db: Database, scene: Scene
) -> None:
    first = (await invite(scene.as_owner, scene.merchant.id, EMAIL, "MANAGE_ORDERS"))["invitation"]
    replaced = await token_of_letter(db, EMAIL)
    second = (await invite(scene.as_owner, scene.merchant.id, EMAIL, "VIEW_PAYOUTS"))["invitation"]
    revoked = await token_of_letter(db, EMAIL)
    gone = (await scene.as_owner(REVOKE, id=second["id"]))["staffInvitationRevoke"]["invitation"]
    await invite(scene.as_owner, scene.merchant.id, EMAIL, "VIEW_ANALYTICS")
    good = await token_of_letter(db, EMAIL)

    outcomes = [
        refused(await accept(scene.as_invited, token))
        for token in (replaced, revoked, good, good, "nonsense", "x" * 2000)
    ]

    no = [("InvitationInvalid", ["token"])]
    assert outcomes == [no, no, [], no, no, no]
    assert (gone["email"], gone["isOpen"]) == (None, False)
    assert first["id"] != second["id"]
    rows = await members(db, scene.merchant.id)
    assert rows[scene.invited.id] == (False, ["VIEW_ANALYTICS"])


async def test_what_is_given_is_cut_to_what_the_sender_holds_when_it_is_accepted(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        manager = await make_staff(
            session, scene.merchant, "MANAGE_STAFF", "MANAGE_ORDERS", "VIEW_PAYOUTS"
        )
        as_manager = ask.as_(await sign_in(session, tokens, manager))
    await invite(as_manager, scene.merchant.id, EMAIL, "MANAGE_ORDERS", "VIEW_PAYOUTS")
    token = await token_of_letter(db, EMAIL)
    await set_permissions(
        scene.as_owner, scene.merchant.id, manager.id, "MANAGE_STAFF", "MANAGE_ORDERS"
    )

    await accept(scene.as_invited, token)

    rows = await members(db, scene.merchant.id)
    assert rows[scene.invited.id] == (False, ["MANAGE_ORDERS"])


async def test_who_is_no_owner_any_more_makes_no_owner_by_an_invitation(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        second = await make_staff(session, scene.merchant, is_owner=True)
        as_second = ask.as_(await sign_in(session, tokens, second))
    await invite(as_second, scene.merchant.id, EMAIL, "MANAGE_STAFF", isOwner=True)
    token = await token_of_letter(db, EMAIL)
    await set_permissions(
        scene.as_owner, scene.merchant.id, second.id, "MANAGE_STAFF", isOwner=False
    )

    await accept(scene.as_invited, token)

    rows = await members(db, scene.merchant.id)
    assert rows[scene.invited.id] == (False, ["MANAGE_STAFF"])


@pytest.mark.parametrize("loss", ["permission", "membership", "account"])
async def test_an_invitation_of_who_may_invite_no_more_is_void(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene, loss: str
) -> None:
    async with db.transaction() as session:
        manager = await make_staff(session, scene.merchant, "MANAGE_STAFF", "MANAGE_ORDERS")
        as_manager = ask.as_(await sign_in(session, tokens, manager))
    await invite(as_manager, scene.merchant.id, EMAIL, "MANAGE_ORDERS")
    token = await token_of_letter(db, EMAIL)
    async with db.transaction() as session:
        work = await session.get_one(Membership, (manager.id, scene.merchant.id))
        if loss == "permission":
            work.permissions = ["MANAGE_ORDERS"]
        elif loss == "membership":
            await session.delete(work)
        else:
            (await session.get_one(User, manager.id)).is_active = False

    payload = await accept(scene.as_invited, token)

    assert refused(payload) == [("InvitationInvalid", ["token"])]
    assert scene.invited.id not in await members(db, scene.merchant.id)


async def test_an_expired_invitation_is_worth_nothing_and_is_forgotten(
    db: Database, scene: Scene
) -> None:
    async with db.transaction() as session:
        old = await make_invitation(
            session, scene.merchant, scene.owner, expires_at=now() - timedelta(days=1)
        )
        young = await make_invitation(session, scene.merchant, scene.owner)

    async with db.transaction() as session:
        gone = await delete_expired_invitations(session, before=now())
        left = list(await session.scalars(select(StaffInvitation.id)))

    assert (gone, left) == (1, [young.id])
    assert old.id not in left


async def test_nobody_is_flooded_with_invitations_however_their_address_is_spelled(
    scene: Scene,
) -> None:
    domains = spellings("example.test")
    for _ in range(MAIL.pair.most):
        invited = await invite(
            scene.as_owner, scene.merchant.id, f"new@{next(domains)}", "MANAGE_ORDERS"
        )
        assert invited["userErrors"] == []

    with pytest.raises(AssertionError, match="Too many tries"):
        await invite(scene.as_owner, scene.merchant.id, f"new@{next(domains)}", "MANAGE_ORDERS")


async def test_nobody_invites_to_more_than_they_hold(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        manager = await make_staff(session, scene.merchant, "MANAGE_STAFF", "MANAGE_ORDERS")
        applied = await make_merchant(session, status="APPLIED")
        session.add(Membership(user_id=scene.owner.id, merchant_id=applied.id, is_owner=True))
        as_manager = ask.as_(await sign_in(session, tokens, manager))
    own = scene.merchant.id

    outcomes = [
        refused(await invite(as_manager, own, EMAIL, "VIEW_PAYOUTS")),
        refused(await invite(as_manager, own, EMAIL, "MANAGE_ORDERS", isOwner=True)),
        refused(await invite(as_manager, own, EMAIL, "VIEW_AUDIT")),
        refused(await invite(as_manager, own, EMAIL)),
        refused(await invite(as_manager, own, "nobody", "MANAGE_ORDERS")),
        refused(await invite(as_manager, applied.id, EMAIL, "MANAGE_ORDERS")),
        refused(await invite(scene.as_owner, applied.id, EMAIL, "MANAGE_ORDERS")),
    ]

    assert outcomes == [
        [("PermissionMissing", ["permissions"])],
        [("OwnerRequired", ["isOwner"])],
        [("InvalidInput", ["permissions", "0"])],
        [("InvalidInput", ["permissions"])],
        [("InvalidInput", ["email"])],
        [("NotFound", ["merchantId"])],
        [("NotAllowedInState", ["merchantId"])],
    ]
    async with db.transaction() as session:
        assert (await session.scalars(select(StaffInvitation))).all() == []
    assert await told(db) == (0, 0)


async def test_an_invitation_that_offers_more_than_one_holds_is_not_ones_to_revoke(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        manager = await make_staff(session, scene.merchant, "MANAGE_STAFF")
        outsider = await make_staff(session, await make_merchant(session), is_owner=True)
        as_manager, as_outsider = [
            ask.as_(await sign_in(session, tokens, each)) for each in (manager, outsider)
        ]
        invitation = await make_invitation(session, scene.merchant, scene.owner, "VIEW_PAYOUTS")
    key = encode("staffinvitation", invitation.id)

    payloads = [await each(REVOKE, id=key) for each in (as_manager, as_outsider)]

    assert [refused(each["staffInvitationRevoke"]) for each in payloads] == [
        [("PermissionMissing", ["id"])],
        [("NotFound", ["id"])],
    ]
    assert await told(db) == (0, 0)


async def test_of_many_acceptances_at_once_one_counts(db: Database, scene: Scene) -> None:
    await invite(scene.as_owner, scene.merchant.id, EMAIL, "MANAGE_ORDERS")
    token = await token_of_letter(db, EMAIL)

    payloads = await asyncio.gather(*[accept(scene.as_invited, token) for _ in range(8)])

    outcomes = Counter(str(refused(each)) for each in payloads)
    assert outcomes == {"[]": 1, "[('InvitationInvalid', ['token'])]": 7}
    async with db.transaction() as session:
        assert await actions(session) == ["STAFF_INVITED", "STAFF_JOINED"]


async def test_inviting_and_accepting_take_few_statements(db: Database, scene: Scene) -> None:
    await scene.as_owner(MINE)
    await scene.as_invited(MINE)

    with counted() as inviting:
        await invite(scene.as_owner, scene.merchant.id, EMAIL, "MANAGE_ORDERS")
    token = await token_of_letter(db, EMAIL)
    with counted() as accepting:
        await accept(scene.as_invited, token)

    assert (len(inviting), len(accepting)) == (11, 11), inviting
