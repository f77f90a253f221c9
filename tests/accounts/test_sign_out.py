"""Ending sign-ins."""

import pytest
from sqlalchemy import func, select

from core.db import Database, counted
from core.ids import encode, new_id
from models.accounts import Session, User
from tests.accounts.operations import ME, REVOKE, everything, refresh, refused, revoke, sign_in
from tests.asking import Ask
from tests.factories.accounts import make_user

SESSIONS = "{ me { sessions { id createdAt lastUsedAt isCurrent } } }"


async def is_signed_in(ask: Ask, tokens: dict[str, str]) -> bool:
    answer = await ask.as_(tokens["accessToken"]).answer(ME)
    if "errors" in answer:
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
        return False
    return answer["data"]["me"] is not None


async def test_signing_out_ends_this_sign_in_at_once(ann: User, ask: Ask) -> None:
    mine, other = await sign_in(ask), await sign_in(ask)

    payload = await revoke(ask.as_(mine["accessToken"]))

    assert payload == {"endedSessions": 1, "userErrors": []}
    assert not await is_signed_in(ask, mine)
    assert refused(await refresh(ask, mine["refreshToken"])) == [("TokenInvalid", ["refreshToken"])]
    assert await is_signed_in(ask, other)


async def test_one_of_my_other_sign_ins_can_be_ended(ann: User, ask: Ask) -> None:
    other, mine = await sign_in(ask), await sign_in(ask)
    own = ask.as_(mine["accessToken"])
    sessions = (await own(SESSIONS))["me"]["sessions"]

    payload = await revoke(own, sessionId=sessions[1]["id"])
    again = await revoke(own, sessionId=sessions[1]["id"])

    assert [each["isCurrent"] for each in sessions] == [True, False]
    assert payload == {"endedSessions": 1, "userErrors": []}
    assert again == {"endedSessions": 0, "userErrors": []}
    assert not await is_signed_in(ask, other)
    assert await is_signed_in(ask, mine)
    assert (await own(SESSIONS))["me"]["sessions"] == sessions[:1]


async def test_all_of_them_can_be_ended(ann: User, ask: Ask) -> None:
    tokens = [await sign_in(ask) for _ in range(3)]

    payload = await revoke(ask.as_(tokens[0]["accessToken"]), all=True)

    assert payload == {"endedSessions": 3, "userErrors": []}
    assert [await is_signed_in(ask, each) for each in tokens] == [False] * 3


async def test_a_sign_in_of_somebody_else_is_not_found_and_goes_on(
    db: Database, ann: User, ask: Ask
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    async with db.transaction() as session:
        bob = await make_user(session)
        foreign = Session(user_id=bob.id)
        session.add(foreign)
    before = await everything(db)

    for session_id in (encode("session", foreign.id), encode("session", new_id()), "session_1", ""):
        payload = await revoke(own, sessionId=session_id)

        assert refused(payload) == [("NotFound", ["sessionId"])]
    both = await revoke(own, sessionId=encode("session", foreign.id), all=True)
    assert refused(both) == [("InvalidInput", ["sessionId"])]
    assert await everything(db) == before


@pytest.mark.parametrize("is_all", [True, False])
async def test_nobody_signs_out_who_is_not_signed_in(ask: Ask, is_all: bool) -> None:
    answer = await ask.answer(REVOKE, input={"all": is_all})

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_signing_out_takes_one_statement(db: Database, ann: User, ask: Ask) -> None:
    tokens = await sign_in(ask)
    own = ask.as_(tokens["accessToken"])
    await own(ME)

    with counted() as seen:
        await revoke(own)

    assert len(seen) == 1, seen
    async with db.transaction() as session:
        ended = select(func.count()).where(Session.revoked_at.is_not(None))
        assert await session.scalar(ended) == 1
