"""One-time codes and recovery codes as the second factor."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from starlette.applications import Starlette

from core.clock import now
from core.db import Database
from models.accounts import Session, User
from models.factors import RecoveryCode, SignInTicket, Totp
from services import factors
from services.factors import MAX_TRIES
from tests.accounts.operations import ME, everything, refused, sign_in
from tests.asking import Ask
from tests.factories.accounts import make_user
from tests.factors.conftest import Protected, ticket
from tests.factors.operations import (
    COMPLETE,
    CONFIRM,
    MINE,
    REMOVE,
    RENEW,
    SETUP,
    Device,
    done,
)

NO = ("SecondFactorFailed", None)


async def test_a_device_is_set_up_and_confirmed(own: Ask) -> None:
    setup = await done(own, SETUP)

    assert setup["uri"].startswith("otpauth://totp/Marketfront:ann%40example.com?secret=")
    assert setup["secret"] in setup["uri"]
    assert setup["qrCode"].startswith("data:image/svg+xml")
    assert (await own(MINE))["me"]["oneTimeCodes"] is None

    confirmed = await done(own, CONFIRM, code=Device(setup["secret"]).code(now()))

    assert confirmed["userErrors"] == []
    assert len({*confirmed["recoveryCodes"]}) == 10
    assert (await own(MINE))["me"]["oneTimeCodes"]["recoveryCodesLeft"] == 10


async def test_a_wrong_code_confirms_nothing(db: Database, own: Ask) -> None:
    await done(own, SETUP)
    before = await everything(db)

    for code in ("000000", "", "12345", "1234567", "١٢٣٤٥٦"):
        assert refused(await done(own, CONFIRM, code=code)) == [("CodeWrong", ["code"])]

    assert await everything(db) == before


async def test_of_many_who_confirm_at_once_one_gets_the_recovery_codes(own: Ask) -> None:
    code = Device((await done(own, SETUP))["secret"]).code(now())

    payloads = await asyncio.gather(*(done(own, CONFIRM, code=code) for _ in range(4)))

    given = [payload["recoveryCodes"] for payload in payloads if payload["recoveryCodes"]]
    assert [len(codes) for codes in given] == [10]
    assert (await own(MINE))["me"]["oneTimeCodes"]["recoveryCodesLeft"] == 10


async def test_the_secret_is_kept_encrypted_and_for_its_user_only(
    db: Database, protected: Protected
) -> None:
    async with db.transaction() as session:
        row = (await session.execute(select(Totp))).scalar_one()
        codes = (await session.scalars(select(RecoveryCode.code_hash))).all()

    assert protected.device._totp.secret.encode() not in row.secret
    assert len(row.secret) == 12 + 32 + 16
    assert all(len(code) == 32 for code in codes)


async def test_a_sign_in_takes_the_password_and_a_code(ask: Ask, protected: Protected) -> None:
    waiting = await ticket(ask)

    payload = await done(ask, COMPLETE, ticket=waiting, code=protected.code())

    assert payload["userErrors"] == []
    assert (await ask.as_(payload["accessToken"])(ME))["me"]["email"] == "ann@example.com"


async def test_the_session_tells_how_it_was_entered(
    db: Database, ask: Ask, protected: Protected
) -> None:
    await done(ask, COMPLETE, ticket=await ticket(ask), code=protected.code())

    async with db.transaction() as session:
        newest = select(Session.amr).order_by(Session.id.desc()).limit(1)
        assert await session.scalar(newest) == ["pwd", "otp", "mfa"]


@pytest.mark.parametrize("steps", [-9, -2, 3, 9])
async def test_a_code_of_another_time_is_refused(
    db: Database, ask: Ask, protected: Protected, steps: int
) -> None:
    waiting = await ticket(ask)

    payload = await done(ask, COMPLETE, ticket=waiting, code=protected.code(steps=steps))

    assert refused(payload) == [NO]


async def test_a_code_is_good_once(ask: Ask, protected: Protected) -> None:
    used, first, second = protected.code(steps=0), await ticket(ask), await ticket(ask)

    again = await done(ask, COMPLETE, ticket=first, code=used)  # it confirmed the device
    entered = await done(ask, COMPLETE, ticket=first, code=protected.code())
    replayed = await done(ask, COMPLETE, ticket=second, code=protected.code())

    assert refused(again) == [NO]
    assert entered["userErrors"] == []
    assert refused(replayed) == [NO]


async def test_of_many_who_show_the_same_code_at_once_one_enters(
    db: Database, ask: Ask, protected: Protected
) -> None:
    tickets = [await ticket(ask) for _ in range(4)]

    payloads = await asyncio.gather(
        *(done(ask, COMPLETE, ticket=each, code=protected.code()) for each in tickets)
    )

    assert sorted(bool(payload["accessToken"]) for payload in payloads) == [False] * 3 + [True]


async def test_a_step_that_two_looked_at_before_either_used_it_is_good_once(
    app: Starlette, db: Database, ann: User, protected: Protected
) -> None:
    """What the sign-ins above may or may not do, in an order that is sure."""
    async with db.transaction() as session:
        secret = await factors.active_totp(session, user_id=ann.id)
    assert secret is not None
    step = app.state.shop.sign_ins.generators.step(secret, protected.code(), user_id=ann.id)

    used = []
    for _ in range(2):
        async with db.transaction() as session:
            used.append(await factors.use_step(session, user_id=ann.id, step=step))

    assert used == [True, False]


async def test_of_many_who_show_the_same_recovery_code_at_once_one_enters(
    db: Database, ask: Ask, protected: Protected
) -> None:
    tickets, code = [await ticket(ask) for _ in range(4)], protected.recovery_codes[0]

    payloads = await asyncio.gather(
        *(done(ask, COMPLETE, ticket=each, recoveryCode=code) for each in tickets)
    )

    assert sorted(bool(payload["accessToken"]) for payload in payloads) == [False] * 3 + [True]
    assert (await protected.own(MINE))["me"]["oneTimeCodes"]["recoveryCodesLeft"] == 9


async def test_of_many_who_show_the_same_ticket_at_once_one_enters(
    db: Database, ask: Ask, protected: Protected
) -> None:
    waiting, codes = await ticket(ask), protected.recovery_codes[:4]

    payloads = await asyncio.gather(
        *(done(ask, COMPLETE, ticket=waiting, recoveryCode=code) for code in codes)
    )

    assert sorted(bool(payload["accessToken"]) for payload in payloads) == [False] * 3 + [True]
    assert (await protected.own(MINE))["me"]["oneTimeCodes"]["recoveryCodesLeft"] == 9


async def test_a_recovery_code_may_be_typed_in_any_way(ask: Ask, protected: Protected) -> None:
    typed = protected.recovery_codes[0].upper().replace("-", " ")

    payload = await done(ask, COMPLETE, ticket=await ticket(ask), recoveryCode=typed)

    assert payload["userErrors"] == []


async def test_the_recovery_code_of_somebody_else_is_refused(
    db: Database, ask: Ask, protected: Protected, own: Ask
) -> None:
    async with db.transaction() as session:
        other = await make_user(session)
        await session.execute(update(RecoveryCode).values(user_id=other.id))

    payload = await done(
        ask, COMPLETE, ticket=await ticket(ask), recoveryCode=protected.recovery_codes[0]
    )

    assert refused(payload) == [NO]


async def test_a_ticket_takes_few_tries(app: Starlette, ask: Ask, protected: Protected) -> None:
    waiting = await ticket(ask)
    for _ in range(MAX_TRIES):
        assert refused(await done(ask, COMPLETE, ticket=waiting, code="000000")) == [NO]
    await app.state.shop.redis.flushdb()  # the brakes would not even look at it

    assert refused(await done(ask, COMPLETE, ticket=waiting, code=protected.code())) == [NO]


async def test_fresh_tickets_give_no_more_tries_to_the_account(
    ask: Ask, protected: Protected
) -> None:
    answers = []
    for _ in range(4):
        waiting = await ticket(ask)
        answers += [
            await ask.answer(COMPLETE, input={"ticket": waiting, "code": "000000"})
            for _ in range(MAX_TRIES - 1)
        ]

    codes = [
        (answer.get("errors") or [{}])[0].get("extensions", {}).get("code") for answer in answers
    ]
    assert codes[0] is None
    assert codes[-1] == "THROTTLED"
    assert 4 <= codes.count(None) <= 10


@pytest.mark.parametrize("text", ["", "x", "x" * 500])
async def test_what_is_no_ticket_is_refused(db: Database, ask: Ask, text: str) -> None:
    before = await everything(db)

    assert refused(await done(ask, COMPLETE, ticket=text, code="123456")) == [NO]

    assert await everything(db) == before


async def test_an_old_ticket_is_refused(db: Database, ask: Ask, protected: Protected) -> None:
    waiting = await ticket(ask)
    async with db.transaction() as session:
        passed = SignInTicket.expires_at - timedelta(minutes=6)
        await session.execute(update(SignInTicket).values(expires_at=passed))

    assert refused(await done(ask, COMPLETE, ticket=waiting, code=protected.code())) == [NO]


async def test_a_ticket_is_worthless_when_the_password_was_changed(
    db: Database, ask: Ask, protected: Protected
) -> None:
    waiting = await ticket(ask)
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash="$argon2id$another"))

    assert refused(await done(ask, COMPLETE, ticket=waiting, code=protected.code())) == [NO]


async def test_exactly_one_factor_is_shown(db: Database, ask: Ask, protected: Protected) -> None:
    waiting = await ticket(ask)
    before = await everything(db)

    for given in ({}, {"code": "123456", "recoveryCode": "abcd"}):
        payload = await done(ask, COMPLETE, ticket=waiting, **given)
        assert refused(payload) == [("InvalidInput", ["code"])]

    assert await everything(db) == before


async def test_new_recovery_codes_replace_the_old_ones(ask: Ask, protected: Protected) -> None:
    renewed = await done(protected.own, RENEW)

    old = await done(
        ask, COMPLETE, ticket=await ticket(ask), recoveryCode=protected.recovery_codes[0]
    )
    new = await done(
        ask, COMPLETE, ticket=await ticket(ask), recoveryCode=renewed["recoveryCodes"][0]
    )
    assert refused(old) == [NO]
    assert new["userErrors"] == []


async def test_without_one_time_codes_the_password_is_enough_again(
    db: Database, ask: Ask, protected: Protected
) -> None:
    removed = await done(protected.own, REMOVE)

    assert removed == {"user": {"oneTimeCodes": None}, "userErrors": []}
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
    assert (await sign_in(ask))["userErrors"] == []


async def test_what_is_on_is_not_set_up_again(db: Database, protected: Protected) -> None:
    before = await everything(db)

    assert refused(await done(protected.own, SETUP)) == [("TotpOn", None)]
    assert refused(await done(protected.own, CONFIRM, code="123456")) == [("TotpOn", None)]

    assert await everything(db) == before


async def test_what_is_off_can_not_be_changed(db: Database, own: Ask) -> None:
    before = await everything(db)

    for query in (REMOVE, RENEW):
        assert refused(await done(own, query)) == [("TotpOff", None)]
    assert refused(await done(own, CONFIRM, code="123456")) == [("TotpOff", None)]

    assert await everything(db) == before


async def test_a_set_up_that_nobody_confirmed_in_time_is_over(db: Database, own: Ask) -> None:
    device = Device((await done(own, SETUP))["secret"])
    async with db.transaction() as session:
        await session.execute(update(Totp).values(created_at=now() - timedelta(minutes=16)))

    assert refused(await done(own, CONFIRM, code=device.code(now()))) == [("TotpOff", None)]


async def test_an_old_sign_in_changes_no_factors(db: Database, protected: Protected) -> None:
    async with db.transaction() as session:
        old = Session.auth_time - timedelta(minutes=16)
        await session.execute(update(Session).values(auth_time=old))
    before = await everything(db)

    for query in (SETUP, REMOVE, RENEW):
        payload = await done(protected.own, query)
        assert refused(payload) == [("RecentSignInRequired", None)]
        assert payload["userErrors"][0]["maximumAgeSeconds"] == 900

    assert await everything(db) == before


@pytest.mark.parametrize("query", [SETUP, REMOVE, RENEW])
async def test_factors_are_for_those_who_are_signed_in(db: Database, ask: Ask, query: str) -> None:
    answer = await ask.answer(query)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
