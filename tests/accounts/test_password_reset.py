"""A new password for who has forgotten theirs."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from core.clock import now
from core.db import Database, counted
from models.accounts import Proof, User
from models.audit import AuditEntry
from models.factors import Identity, Passkey
from models.platform import AppToken
from tests.accounts.letters import facts_of, letters, token_of
from tests.accounts.operations import (
    ME,
    PASSWORD,
    RESET,
    RESET_REQUEST,
    everything,
    refresh,
    refused,
    sign_in,
)
from tests.asking import Ask
from tests.factories.accounts import make_passkey

NEW_PASSWORD = "quite another staple"


async def request(ask: Ask, email: str = "ann@example.com") -> dict[str, object]:
    return (await ask(RESET_REQUEST, input={"email": email}))["passwordResetRequest"]


async def reset(ask: Ask, token: str, password: str = NEW_PASSWORD) -> dict[str, object]:
    answer = await ask(RESET, input={"token": token, "newPassword": password})
    return answer["passwordReset"]


async def test_the_link_sets_a_new_password_and_ends_every_sign_in(
    db: Database, ann: User, ask: Ask
) -> None:
    old = [await sign_in(ask) for _ in range(2)]

    assert await request(ask, " ANN@example.com ") == {"userErrors": []}
    assert await reset(ask, await token_of(db, "RESET_PASSWORD")) == {"userErrors": []}

    for tokens in old:
        answer = await ask.as_(tokens["accessToken"]).answer(ME)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert refused(await refresh(ask, tokens["refreshToken"]))
    assert refused(await sign_in(ask)) == [("SignInFailed", None)]
    tokens = await sign_in(ask, password=NEW_PASSWORD)
    me = await ask.as_(tokens["accessToken"])("{ me { emailVerified } }")
    assert me == {"me": {"emailVerified": True}}  # whoever got the link has the address
    assert await letters(db) == [
        ("RESET_PASSWORD", "ann@example.com"),
        ("PASSWORD_CHANGED", "ann@example.com"),
    ]
    async with db.transaction() as session:
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert {"PASSWORD_RESET_REQUESTED", "PASSWORD_RESET"} <= {*actions}


async def test_the_same_is_answered_and_done_when_there_is_no_account(
    db: Database, ann: User, ask: Ask
) -> None:
    with counted() as with_account:
        known = await request(ask)
    with counted() as without_account:
        unknown = await request(ask, "nobody@example.com")

    assert known == unknown == {"userErrors": []}
    assert with_account == without_account
    assert await letters(db) == [
        ("RESET_PASSWORD", "ann@example.com"),
        ("NO_ACCOUNT", "nobody@example.com"),
    ]
    token = await token_of(db, "NO_ACCOUNT")  # which the letter does not show
    assert refused(await reset(ask, token)) == [("LinkInvalid", ["token"])]


async def test_a_closed_account_gets_no_link(db: Database, ann: User, ask: Ask) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(is_active=False))

    await request(ask)

    assert await letters(db) == [("NO_ACCOUNT", "ann@example.com")]


async def test_what_is_no_address_is_refused_and_changes_nothing(
    db: Database, ann: User, ask: Ask
) -> None:
    before = await everything(db)

    assert refused(await request(ask, "ann")) == [("InvalidInput", ["email"])]
    assert await everything(db) == before


async def test_after_five_requests_for_an_address_it_is_throttled(
    db: Database, ann: User, ask: Ask
) -> None:
    for email in ("ann@example.com", "nobody@example.com"):
        answers = [await ask.answer(RESET_REQUEST, input={"email": email}) for _ in range(6)]

        assert ["errors" in answer for answer in answers] == [False] * 5 + [True]
        assert answers[-1]["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert len(await letters(db)) == 10


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("short", "InvalidInput"),
        ("x" * 257, "InvalidInput"),
        ("ann@example.com", "InvalidInput"),
        ("password1", "PasswordTooWeak"),
    ],
)
async def test_a_refused_password_changes_nothing_and_keeps_the_link_good(
    db: Database, ann: User, ask: Ask, password: str, refusal: str
) -> None:
    await request(ask)
    token = await token_of(db, "RESET_PASSWORD")
    before = await everything(db)

    assert refused(await reset(ask, token, password)) == [(refusal, ["newPassword"])]
    assert await everything(db) == before
    assert await reset(ask, token) == {"userErrors": []}


async def test_a_link_is_good_once_for_half_an_hour(db: Database, ann: User, ask: Ask) -> None:
    await request(ask)
    used = await token_of(db, "RESET_PASSWORD")
    await reset(ask, used)
    await request(ask)
    late = await token_of(db, "RESET_PASSWORD")
    async with db.transaction() as session:
        in_time = await session.scalar(select(Proof.expires_at).where(Proof.user_id == ann.id))
        await session.execute(update(Proof).values(expires_at=now()))
    before = await everything(db)

    for token in (used, late):
        assert refused(await reset(ask, token)) == [("LinkInvalid", ["token"])]
    assert in_time is not None
    assert timedelta(minutes=29) < in_time - now() < timedelta(minutes=31)
    assert await everything(db) == before


async def test_one_reset_makes_all_other_links_worthless(db: Database, ann: User, ask: Ask) -> None:
    await request(ask)
    first = await token_of(db, "RESET_PASSWORD")
    await request(ask)

    await reset(ask, await token_of(db, "RESET_PASSWORD"))

    assert refused(await reset(ask, first, "a third password, long")) == [
        ("LinkInvalid", ["token"])
    ]
    assert (await sign_in(ask, password=NEW_PASSWORD))["userErrors"] == []


async def test_a_link_is_worthless_once_the_address_is_another(
    db: Database, ann: User, ask: Ask
) -> None:
    await request(ask)
    async with db.transaction() as session:
        await session.execute(update(User).values(email="other@example.com"))

    assert refused(await reset(ask, await token_of(db, "RESET_PASSWORD")))
    assert (await sign_in(ask, email="other@example.com", password=PASSWORD))["userErrors"] == []


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "forwarded", "origin", "referer"])
async def test_links_lead_to_us_whatever_the_request_calls_us(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient, header: str
) -> None:
    answer = await client.post(
        "/graphql",
        json={"query": RESET_REQUEST, "variables": {"input": {"email": "ann@example.com"}}},
        headers={header: "evil.example"},
    )

    assert answer.json()["data"]["passwordResetRequest"]["userErrors"] == []
    link = (await facts_of(db, "RESET_PASSWORD"))["link"]
    assert link.startswith("http://127.0.0.1:8000/account/reset?token=")


def back_door(user: User) -> AppToken:
    return AppToken(
        creator_id=user.id, name="Till", permissions=["MANAGE_ORDERS"], token_hash=b"hash"
    )


async def test_who_had_the_account_before_the_address_was_confirmed_keeps_no_way_in(
    db: Database, ann: User, ask: Ask
) -> None:
    """Somebody registers another's address, adds a passkey, and waits for its owner."""
    async with db.transaction() as session:
        session.add(make_passkey(ann))
        session.add(Identity(user_id=ann.id, provider="x", issuer="https://x.example", subject="1"))
        session.add(back_door(ann))

    await request(ask)
    await reset(ask, await token_of(db, "RESET_PASSWORD"))

    async with db.transaction() as session:
        assert (await session.scalars(select(Passkey.id))).all() == []
        assert (await session.scalars(select(Identity.id))).all() == []
        assert None not in (await session.scalars(select(AppToken.revoked_at))).all()
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert {"WAYS_TO_SIGN_IN_REMOVED", "APP_TOKEN_REVOKED"} <= {*actions}


async def test_who_has_shown_the_address_to_be_theirs_keeps_their_passkeys(
    db: Database, ann: User, ask: Ask
) -> None:
    async with db.transaction() as session:
        session.add(make_passkey(ann))
        session.add(back_door(ann))
        await session.execute(update(User).values(email_verified_at=now()))

    await request(ask)
    await reset(ask, await token_of(db, "RESET_PASSWORD"))

    async with db.transaction() as session:
        assert len((await session.scalars(select(Passkey.id))).all()) == 1
        assert (await session.scalars(select(AppToken.revoked_at))).all() == [None]
