"""Passkeys: registered, used alone or as the second factor, renamed, removed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from auth.passkeys import Passkeys
from core.clock import now
from core.db import Database
from core.ids import encode, new_id
from core.settings import Settings
from models.accounts import Proof, Session, User
from models.factors import Passkey
from services.factors import MAX_PASSKEYS, PasskeyRefused
from tests.accounts.operations import ME, everything, refused
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in as open_session
from tests.factors.authenticator import PRESENT, Authenticator
from tests.factors.conftest import Protected, ticket
from tests.factors.operations import (
    COMPLETE,
    PASSKEY_ADD,
    PASSKEY_ASK,
    PASSKEY_ENTER,
    PASSKEY_REMOVE,
    PASSKEY_RENAME,
    PASSKEY_START,
    PASSKEYS,
    done,
)

ORIGIN = "http://localhost:8000"
NO = [("PasskeyRefused", ["credential"])]


async def register(own: Ask, device: Authenticator, name: str = "Phone") -> dict[str, Any]:
    options = (await done(own, PASSKEY_START))["options"]
    return await done(own, PASSKEY_ADD, credential=device.create(options), name=name)


async def enter(ask: Ask, device: Authenticator) -> dict[str, Any]:
    options = (await done(ask, PASSKEY_ASK))["options"]
    return await done(ask, PASSKEY_ENTER, credential=device.get(options))


@pytest.fixture
async def device(own: Ask) -> Authenticator:
    made = Authenticator(ORIGIN)
    assert (await register(own, made))["userErrors"] == []
    return made


async def test_a_passkey_is_registered_and_signs_in(
    db: Database, ask: Ask, own: Ask, device: Authenticator
) -> None:
    payload = await enter(ask, device)

    assert payload["userErrors"] == []
    assert (await ask.as_(payload["accessToken"])(ME))["me"]["email"] == "ann@example.com"
    [passkey] = (await own(PASSKEYS))["me"]["passkeys"]
    assert (passkey["name"], passkey["isSynced"]) == ("Phone", False)
    assert passkey["lastUsedAt"] is not None
    async with db.transaction() as session:
        amr = await session.scalar(select(Session.amr).order_by(Session.id.desc()).limit(1))
        assert amr == ["hwk", "user", "mfa"]
        assert await session.scalar(select(Passkey.transports)) == ["internal", "hybrid"]


async def test_it_demands_that_the_person_is_verified(own: Ask, ask: Ask) -> None:
    registration = (await done(own, PASSKEY_START))["options"]
    sign_in = (await done(ask, PASSKEY_ASK))["options"]

    assert registration["authenticatorSelection"]["userVerification"] == "required"
    assert registration["authenticatorSelection"]["residentKey"] == "required"
    assert registration["rp"] == {"name": "Marketfront", "id": "localhost"}
    assert sign_in["userVerification"] == "required"
    assert sign_in["allowCredentials"] == []


async def test_a_passkey_is_the_second_factor_too(ask: Ask, protected: Protected) -> None:
    device = Authenticator(ORIGIN)
    await register(protected.own, device)
    waiting = await ticket(ask)

    options = (await done(ask, PASSKEY_ASK, ticket=waiting))["options"]
    payload = await done(ask, COMPLETE, ticket=waiting, passkey=device.get(options))

    assert [each["id"] for each in options["allowCredentials"]] == [device.get(options)["id"]]
    assert payload["userErrors"] == []


async def test_a_challenge_for_one_kind_of_sign_in_is_good_for_no_other(
    ask: Ask, protected: Protected
) -> None:
    device = Authenticator(ORIGIN)
    await register(protected.own, device)
    waiting, other = await ticket(ask), await ticket(ask)
    alone = (await done(ask, PASSKEY_ASK))["options"]
    half = (await done(ask, PASSKEY_ASK, ticket=other))["options"]

    first = await done(ask, COMPLETE, ticket=waiting, passkey=device.get(alone))
    second = await done(ask, COMPLETE, ticket=waiting, passkey=device.get(half))
    third = await done(
        ask,
        PASSKEY_ENTER,
        credential=device.get((await done(ask, PASSKEY_ASK, ticket=other))["options"]),
    )

    assert refused(first) == refused(second) == refused(third) == NO


async def test_the_passkey_of_somebody_else_is_no_second_factor(
    app: Starlette, db: Database, ask: Ask, protected: Protected
) -> None:
    async with db.transaction() as session:
        stranger = await make_user(session)
        token = await open_session(session, app.state.shop.tokens, stranger)
    device = Authenticator(ORIGIN)
    await register(ask.as_(token), device)
    waiting = await ticket(ask)
    options = (await done(ask, PASSKEY_ASK, ticket=waiting))["options"]

    payload = await done(ask, COMPLETE, ticket=waiting, passkey=device.get(options))

    assert refused(payload) == NO


async def test_a_challenge_is_good_once_even_for_many_at_once(
    ask: Ask, device: Authenticator
) -> None:
    answer = device.get((await done(ask, PASSKEY_ASK))["options"])

    payloads = await asyncio.gather(
        *(done(ask, PASSKEY_ENTER, credential=answer) for _ in range(4))
    )

    assert sorted(bool(payload["accessToken"]) for payload in payloads) == [False] * 3 + [True]


async def test_an_old_challenge_is_refused(db: Database, ask: Ask, device: Authenticator) -> None:
    answer = device.get((await done(ask, PASSKEY_ASK))["options"])
    async with db.transaction() as session:
        await session.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1)))

    assert refused(await done(ask, PASSKEY_ENTER, credential=answer)) == NO


async def test_a_counter_that_goes_back_is_a_copy(
    db: Database, ask: Ask, device: Authenticator
) -> None:
    device.count = 41
    assert (await enter(ask, device))["userErrors"] == []

    for last in (41, 40, 0, -1):
        device.count = last
        assert refused(await enter(ask, device)) == NO

    async with db.transaction() as session:
        assert await session.scalar(select(Passkey.sign_count)) == 42


async def test_who_does_not_count_may_enter_again_and_again(own: Ask, ask: Ask) -> None:
    device = Authenticator(ORIGIN, counts=False)
    await register(own, device)

    for _ in range(3):
        assert (await enter(ask, device))["userErrors"] == []


@pytest.mark.parametrize(
    ("origin", "is_good"),
    [
        ("https://shop.example", True),
        ("https://app.shop.example", True),
        ("android:apk-key-hash:x-Y_9", True),
        ("https://shop.example:8443", False),
        ("http://shop.example", False),
        ("https://other.shop.example", False),
        ("https://shop.example.evil.example", False),
    ],
)
def test_only_the_shops_own_pages_and_apps_may_ask(
    settings: Settings, origin: str, is_good: bool
) -> None:
    others = ["https://app.shop.example", "android:apk-key-hash:x-Y_9"]
    address = {"public_url": "https://shop.example/", "passkey_origins": others}
    passkeys = Passkeys(settings.model_copy(update=address))
    options = passkeys.registration(
        user_id=new_id(), email="ann@example.com", challenge="a challenge", known=[]
    )
    device = Authenticator(origin)
    device.rp_id = "shop.example"

    try:
        passkeys.registered(device.create(options), challenge="a challenge")
        was_good = True
    except PasskeyRefused:
        was_good = False

    assert was_good is is_good


def _elsewhere(device: Authenticator) -> None:
    device.origin = "https://evil.example"


def _other_site(device: Authenticator) -> None:
    device.rp_id = "evil.example"


def _unverified(device: Authenticator) -> None:
    device.flags = PRESENT


def _absent(device: Authenticator) -> None:
    device.flags = 0


def _other_key(device: Authenticator) -> None:
    device.key = Authenticator(ORIGIN).key


def _other_user(device: Authenticator) -> None:
    device.user = new_id().bytes


def _unknown(device: Authenticator) -> None:
    device.id = new_id().bytes


@pytest.mark.parametrize(
    "bend", [_elsewhere, _other_site, _unverified, _absent, _other_key, _other_user, _unknown]
)
async def test_a_sign_in_that_is_not_in_order_is_refused(
    db: Database, ask: Ask, device: Authenticator, bend: Any
) -> None:
    before = await everything(db)
    bend(device)

    payload = await enter(ask, device)

    assert refused(payload) == NO
    assert await everything(db) == before


@pytest.mark.parametrize("bend", [_elsewhere, _other_site, _unverified, _absent])
async def test_a_registration_that_is_not_in_order_is_refused(
    db: Database, own: Ask, bend: Any
) -> None:
    device = Authenticator(ORIGIN)
    before = await everything(db)
    bend(device)

    assert refused(await register(own, device)) == NO
    assert await everything(db) == before


async def test_the_challenge_of_somebody_else_registers_nothing(
    app: Starlette, db: Database, ask: Ask, own: Ask
) -> None:
    async with db.transaction() as session:
        stranger = await make_user(session)
        token = await open_session(session, app.state.shop.tokens, stranger)
    options = (await done(own, PASSKEY_START))["options"]

    payload = await done(
        ask.as_(token), PASSKEY_ADD, credential=Authenticator(ORIGIN).create(options), name="x"
    )

    assert refused(payload) == NO


async def test_a_passkey_is_registered_once(own: Ask, device: Authenticator) -> None:
    assert refused(await register(own, device)) == [("PasskeyRefused", None)]


@pytest.mark.parametrize(
    "credential",
    [{}, {"id": 1}, {"response": None}, {"response": {"clientDataJSON": "e30"}}, {"id": "é" * 9}],
)
async def test_what_is_no_credential_is_refused(
    db: Database, ask: Ask, own: Ask, credential: Any
) -> None:
    before = await everything(db)

    assert refused(await done(ask, PASSKEY_ENTER, credential=credential)) == NO
    assert refused(await done(own, PASSKEY_ADD, credential=credential, name="x")) == NO
    for value in (1, "text", [1], None):
        answer = await ask.answer(PASSKEY_ENTER, input={"credential": value})
        assert "errors" in answer or refused(answer["data"]["passkeySignIn"]) == [
            ("InvalidInput", ["credential"])
        ]
    assert await everything(db) == before


async def test_a_passkey_is_renamed_and_removed(own: Ask, device: Authenticator) -> None:
    [passkey] = (await own(PASSKEYS))["me"]["passkeys"]

    renamed = await done(own, PASSKEY_RENAME, id=passkey["id"], name="  Old   phone ")
    removed = await done(own, PASSKEY_REMOVE, id=passkey["id"])

    assert renamed["passkey"]["name"] == "Old phone"
    assert removed["removedPasskeyId"] == passkey["id"]
    assert (await own(PASSKEYS))["me"]["passkeys"] == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u0007b"])
async def test_a_name_that_is_none_is_refused(
    db: Database, own: Ask, device: Authenticator, name: str
) -> None:
    [passkey] = (await own(PASSKEYS))["me"]["passkeys"]
    before = await everything(db)

    payload = await done(own, PASSKEY_RENAME, id=passkey["id"], name=name)

    assert refused(payload) == [("InvalidInput", ["name"])]
    assert await everything(db) == before


async def test_the_passkeys_of_others_are_not_found_and_stay(
    app: Starlette, db: Database, ask: Ask, own: Ask, device: Authenticator
) -> None:
    [passkey] = (await own(PASSKEYS))["me"]["passkeys"]
    async with db.transaction() as session:
        stranger = await make_user(session, password_hash="$argon2id$")
        foreign = ask.as_(await open_session(session, app.state.shop.tokens, stranger))
    await foreign(ME)
    before = await everything(db)

    for wanted in (passkey["id"], encode("passkey", new_id()), "x"):
        renamed = await done(foreign, PASSKEY_RENAME, id=wanted, name="Mine")
        removed = await done(foreign, PASSKEY_REMOVE, id=wanted)
        assert refused(renamed) == refused(removed) == [("NotFound", ["id"])]
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await foreign(node, id=passkey["id"]))["node"] is None
    assert await everything(db) == before


async def test_the_last_way_to_sign_in_stays(db: Database, own: Ask, device: Authenticator) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash="!"))
    [passkey] = (await own(PASSKEYS))["me"]["passkeys"]
    before = await everything(db)

    payload = await done(own, PASSKEY_REMOVE, id=passkey["id"])

    assert refused(payload) == [("LastWayToSignIn", ["id"])]
    assert await everything(db) == before


async def test_two_last_ways_removed_at_once_leave_one(
    db: Database, own: Ask, device: Authenticator
) -> None:
    await register(own, Authenticator(ORIGIN))
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash="!"))
    ids = [each["id"] for each in (await own(PASSKEYS))["me"]["passkeys"]]

    await asyncio.gather(*(done(own, PASSKEY_REMOVE, id=each) for each in ids))

    assert len((await own(PASSKEYS))["me"]["passkeys"]) == 1


async def test_an_account_has_room_for_so_many(db: Database, ann: User, own: Ask) -> None:
    async with db.transaction() as session:
        for n in range(MAX_PASSKEYS - 1):
            row = {"credential_id": bytes([n]), "public_key": b"", "sign_count": 0}
            session.add(Passkey(user_id=ann.id, name="x", is_synced=False, transports=[], **row))
    options = [(await done(own, PASSKEY_START))["options"] for _ in range(2)]
    answers = [Authenticator(ORIGIN).create(each) for each in options]

    added = await done(own, PASSKEY_ADD, credential=answers[0], name="The last one")
    late = await done(own, PASSKEY_ADD, credential=answers[1], name="One too many")

    assert added["userErrors"] == []
    assert refused(late) == [("TooManyPasskeys", None)]
    assert refused(await done(own, PASSKEY_START)) == [("TooManyPasskeys", None)]


async def test_an_old_sign_in_changes_no_passkeys(
    db: Database, own: Ask, device: Authenticator
) -> None:
    [passkey] = (await own(PASSKEYS))["me"]["passkeys"]
    async with db.transaction() as session:
        old = Session.auth_time - timedelta(minutes=16)
        await session.execute(update(Session).values(auth_time=old))
    before = await everything(db)

    assert refused(await done(own, PASSKEY_START)) == [("RecentSignInRequired", None)]
    removed = await done(own, PASSKEY_REMOVE, id=passkey["id"])
    assert refused(removed) == [("RecentSignInRequired", None)]
    assert await everything(db) == before
