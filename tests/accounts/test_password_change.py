"""Changing a password."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.db import Database, counted
from models.accounts import Session, User
from services import accounts
from services.accounts import Credentials, SignInFailed
from tests.accounts.letters import token_of
from tests.accounts.operations import (
    ME,
    PASSWORD,
    REFUSALS,
    RESET,
    RESET_REQUEST,
    everything,
    refresh,
    refused,
    sign_in,
)
from tests.asking import Ask

CHANGE = f"mutation($input: PasswordChangeInput!) {{ passwordChange(input: $input) {{ user {{ id }} {REFUSALS} }} }}"
EMAIL_CHANGE = f"mutation($input: EmailChangeRequestInput!) {{ emailChangeRequest(input: $input) {{ {REFUSALS} }} }}"
EMAIL_CONFIRM = f"""mutation($input: EmailChangeConfirmInput!) {{
  emailChangeConfirm(input: $input) {{ {REFUSALS} }} }}"""
BETTER = "a much better password"


async def change(ask: Ask, *, current: str = PASSWORD, new: str = BETTER) -> dict[str, Any]:
    values = {"currentPassword": current, "newPassword": new}
    payload: dict[str, Any] = (await ask(CHANGE, input=values))["passwordChange"]
    return payload


async def test_a_new_password_ends_the_other_sign_ins_and_not_this_one(ann: User, ask: Ask) -> None:
    mine, other = await sign_in(ask), await sign_in(ask)
    await ask.as_(other["accessToken"])(ME)  # known to this process from now on

    payload = await change(ask.as_(mine["accessToken"]))

    assert payload == {"user": {"id": mine["user"]["id"]}, "userErrors": []}
    assert (await ask.as_(mine["accessToken"])(ME))["me"] == mine["user"]
    assert (await refresh(ask, mine["refreshToken"]))["userErrors"] == []
    answer = await ask.as_(other["accessToken"]).answer(ME)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert refused(await refresh(ask, other["refreshToken"]))
    assert refused(await sign_in(ask)) == [("SignInFailed", None)]
    assert (await sign_in(ask, password=BETTER))["userErrors"] == []


@pytest.mark.parametrize(
    ("passwords", "refusal"),
    [
        ({"current": "wrong horse battery"}, ("WrongPassword", ["currentPassword"])),
        ({"current": "x" * 10_000}, ("WrongPassword", ["currentPassword"])),
        ({"new": "short"}, ("InvalidInput", ["newPassword"])),
        ({"new": "x" * 257}, ("InvalidInput", ["newPassword"])),
        ({"new": "ANN@example.com"}, ("InvalidInput", ["newPassword"])),
    ],
)
async def test_a_refused_change_leaves_password_and_sign_ins_as_they_are(
    db: Database, ann: User, ask: Ask, passwords: dict[str, str], refusal: Any
) -> None:
    mine, _ = await sign_in(ask), await sign_in(ask)
    before = await everything(db)

    payload = await change(ask.as_(mine["accessToken"]), **passwords)

    assert refused(payload) == [refusal]
    assert await everything(db) == before


async def test_links_that_somebody_asked_for_before_are_worth_nothing_after_it(
    db: Database, ann: User, ask: Ask
) -> None:
    """Whoever had the password may have sent themselves a link that gives the account to them."""
    thief, own = await sign_in(ask), await sign_in(ask)
    moved = {"email": "thief@example.org", "password": PASSWORD}
    await ask.as_(thief["accessToken"])(EMAIL_CHANGE, input=moved)
    await ask(RESET_REQUEST, input={"email": "ann@example.com"})
    links = [await token_of(db, kind) for kind in ("CHANGE_EMAIL", "RESET_PASSWORD")]

    await change(ask.as_(own["accessToken"]))

    before = await everything(db)
    moved = {"token": links[0], "password": BETTER}
    confirmed = (await ask(EMAIL_CONFIRM, input=moved))["emailChangeConfirm"]
    reset = (await ask(RESET, input={"token": links[1], "newPassword": "the thief's own words"}))[
        "passwordReset"
    ]
    assert refused(confirmed) == refused(reset) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before
    assert (await sign_in(ask, password=BETTER))["userErrors"] == []


async def test_no_sign_in_with_the_old_password_survives_its_change(
    db: Database, ann: User, ask: Ask
) -> None:
    mine = await sign_in(ask)
    checked_before = Credentials(ann.id, ann.email, ann.password_hash)
    await change(ask.as_(mine["accessToken"]))
    before = await everything(db)

    with pytest.raises(SignInFailed):
        async with db.transaction() as session:
            await accounts.sign_in(session, known=checked_before, lifetime=timedelta(days=1))

    assert await everything(db) == before


async def test_a_sign_in_that_is_under_way_ends_with_the_password_it_used(
    db: Database, ann: User, ask: Ask
) -> None:
    known = Credentials(ann.id, ann.email, ann.password_hash)
    is_open = asyncio.Event()

    async def change_meanwhile() -> None:
        await is_open.wait()
        async with db.transaction() as session:
            await accounts.change_password(
                session, known=known, password_hash="another", kept_session_id=None
            )

    changing = asyncio.create_task(change_meanwhile())
    async with db.transaction() as session:
        await accounts.sign_in(session, known=known, lifetime=timedelta(days=1))
        is_open.set()
        await asyncio.sleep(0.1)
    await changing

    async with db.transaction() as session:
        assert await session.scalar(select(Session.revoked_at)) is not None


async def test_of_two_changes_at_once_one_is_told_that_the_password_is_another(
    ann: User, ask: Ask
) -> None:
    mine = await sign_in(ask)
    own = ask.as_(mine["accessToken"])

    payloads = await asyncio.gather(*(change(own, new=f"{BETTER} {n}") for n in range(4)))

    assert sorted(len(payload["userErrors"]) for payload in payloads) == [0, 1, 1, 1]
    lost = [refused(payload) for payload in payloads if payload["userErrors"]]
    assert lost == [[("WrongPassword", ["currentPassword"])]] * 3


async def test_a_change_takes_eight_statements_however_many_sign_ins_there_are(
    ann: User, ask: Ask
) -> None:
    tokens = [await sign_in(ask) for _ in range(5)]
    own = ask.as_(tokens[0]["accessToken"])
    await own(ME)

    with counted() as seen:
        await change(own)

    # credentials; the hash, the other sign-ins, the links, the letter, the event, the entry in the
    # audit log; the payload's user
    assert len(seen) == 8, seen
