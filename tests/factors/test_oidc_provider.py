"""Shoppers sign in with a provider that we did not write: the npm package oidc-provider."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from starlette.applications import Starlette

from app import new_app
from auth.brakes import SIGN_IN
from core.clock import now
from core.db import Database
from core.ids import encode, new_id
from core.login_providers import LoginProvider
from core.settings import Settings
from deploy.embedded.process import free_port
from models.accounts import Proof, Session, User
from models.audit import AuditEntry
from models.factors import Identity
from tests.accounts.operations import (
    ME,
    PASSWORD,
    SIGN_IN as SIGN_IN_AS,
    everything,
    refused,
    sign_in,
)
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in as open_session
from tests.factors.conftest import protect
from tests.factors.operations import COMPLETE, done
from tests.factors.outside import (
    CALLBACK,
    FINISH,
    IDENTITIES,
    LINK,
    LINK_START,
    START,
    UNLINK,
    callback,
    start,
)
from tests.node import PATH, installed

pytestmark = pytest.mark.xdist_group("oidc-provider")  # one process for all

NO = [("ProviderRefused", None)]


@pytest.fixture(scope="module")
async def issuer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Of a running provider."""
    source = Path(__file__).parent / "provider"
    folder = await installed(source, tmp_path_factory.mktemp("provider"))
    node, port = shutil.which("node", path=PATH), free_port()
    assert node, "node is missing: run `make explorer`, which sees to it"
    process = await asyncio.create_subprocess_exec(
        node,
        "provider.mjs",
        str(port),
        cwd=folder,
        env={**os.environ, "PATH": PATH},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    while await asyncio.wait_for(process.stdout.readline(), 30) != b"ready\n":
        assert process.returncode is None, "The provider ended."
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    await process.wait()


@pytest.fixture(scope="module")
async def shop(settings: Settings, issuer: str) -> AsyncIterator[Starlette]:
    provider = LoginProvider(
        name="outside",
        label="Outside",
        issuer=issuer,
        client_id="shop",
        client_secret="a secret: with /odd characters+",
        redirect_uris=[CALLBACK],
    )
    application = new_app(settings.model_copy(update={"login_providers": [provider]}))
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def ask(shop: Starlette, clean: None) -> AsyncIterator[Ask]:
    transport = httpx.ASGITransport(app=shop)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield Ask(client)


async def come(ask: Ask, person: str = "alice@example.org") -> dict[str, Any]:
    """Sign in with the provider, as a client does."""
    return await done(ask, FINISH, **await callback(await start(ask, "outside"), person=person))


async def test_the_providers_are_told(ask: Ask) -> None:
    answer = await ask("{ loginProviders { name label } }")

    assert answer["loginProviders"] == [{"name": "outside", "label": "Outside"}]


async def test_a_shopper_gets_an_account_and_enters_it_again(db: Database, ask: Ask) -> None:
    first, second = await come(ask), await come(ask)

    assert first["userErrors"] == second["userErrors"] == []
    assert first["user"] == second["user"]
    assert first["user"]["email"] == "alice@example.org"
    own = ask.as_(second["accessToken"])
    who = "{ me { email emailVerified firstName lastName identities { provider } } }"
    assert (await own(who))["me"] == {
        "email": "alice@example.org",
        "emailVerified": True,
        "firstName": "Alice",
        "lastName": "Outside",
        "identities": [{"provider": "outside"}],
    }
    async with db.transaction() as session:
        assert await session.scalar(select(Session.amr).limit(1)) == ["fed"]
        assert await session.scalar(select(func.count()).select_from(User)) == 1


async def test_an_account_without_a_password_is_entered_by_none(ask: Ask) -> None:
    await come(ask)

    for password in ("!", "", PASSWORD):
        payload = await sign_in(ask, email="alice@example.org", password=password)
        assert refused(payload) == [("SignInFailed", None)]


@pytest.mark.parametrize("address", ["unchecked-alice@example.org", "alice", "alice@host"])
async def test_an_address_that_is_not_checked_or_is_none_opens_no_account(
    db: Database, ask: Ask, address: str
) -> None:
    payload = await come(ask, address)

    assert refused(payload) == [("LinkRequired", None)]
    assert payload["userErrors"][0]["provider"] == "outside"
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 0


@pytest.mark.parametrize("address", ["alice@example.org", "unchecked-alice@example.org"])
async def test_the_account_of_an_address_is_not_taken_over(
    db: Database, ask: Ask, address: str
) -> None:
    async with db.transaction() as session:
        await make_user(session, email=address)

    payload = await come(ask, address)

    assert refused(payload) == [("LinkRequired", None)]
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Identity)) == 0
        assert await session.scalar(select(func.count()).select_from(Session)) == 0


async def test_who_signs_in_to_the_account_links_it_and_then_enters_with_the_provider(
    db: Database, ask: Ask, password_hash: str
) -> None:
    async with db.transaction() as session:
        await make_user(session, email="alice@example.org", password_hash=password_hash)
    ticket = (await come(ask))["userErrors"][0]["ticket"]
    own = ask.as_((await sign_in(ask, email="alice@example.org"))["accessToken"])

    linked = await done(own, LINK, ticket=ticket)
    again = await done(own, LINK, ticket=ticket)
    entered = await come(ask)

    assert linked["identity"]["provider"] == "outside"
    assert refused(again) == [("LinkTicketInvalid", ["ticket"])]
    assert entered["user"]["email"] == "alice@example.org"


async def test_the_ticket_alone_links_nothing(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        await make_user(session, email="alice@example.org")
    ticket = (await come(ask))["userErrors"][0]["ticket"]

    answer = await ask.answer(LINK, input={"ticket": ticket})

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_of_many_who_have_the_ticket_one_links_it(
    shop: Starlette, db: Database, ask: Ask
) -> None:
    ticket = (await come(ask, "unchecked-alice@example.org"))["userErrors"][0]["ticket"]
    async with db.transaction() as session:
        users = [await make_user(session) for _ in range(4)]
        given = [await open_session(session, shop.state.shop.tokens, user) for user in users]

    payloads = await asyncio.gather(*(done(ask.as_(each), LINK, ticket=ticket) for each in given))

    assert sorted(bool(payload["identity"]) for payload in payloads) == [False] * 3 + [True]
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Identity)) == 1


async def test_who_is_signed_in_links_another_account_of_theirs(
    shop: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        user = await make_user(session, email="bob@example.com")
        own = ask.as_(await open_session(session, shop.state.shop.tokens, user))
    started = await start(own, "outside", LINK_START)

    came = await callback(started, person="unchecked-someone@example.org")
    linked = await done(own, LINK, callback=came)
    entered = await come(ask, "unchecked-someone@example.org")

    assert linked["userErrors"] == []
    assert entered["user"]["email"] == "bob@example.com"


async def test_a_sign_in_and_a_link_that_began_as_the_other_are_refused(
    shop: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        first, second = await make_user(session), await make_user(session)
        own = ask.as_(await open_session(session, shop.state.shop.tokens, first))
        other = ask.as_(await open_session(session, shop.state.shop.tokens, second))
    link, link_of_first = [await start(own, "outside", LINK_START) for _ in range(2)]
    entry = await start(ask, "outside")

    entered = await done(ask, FINISH, **await callback(link, person="a@example.org"))
    linked = await done(own, LINK, callback=await callback(entry, person="a@example.org"))
    foreign = await done(
        other, LINK, callback=await callback(link_of_first, person="a@example.org")
    )

    assert refused(entered) == refused(linked) == refused(foreign) == NO
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Identity)) == 0


async def test_an_account_of_a_provider_belongs_to_one_account_here(
    shop: Starlette, db: Database, ask: Ask
) -> None:
    await come(ask)
    async with db.transaction() as session:
        user = await make_user(session)
        own = ask.as_(await open_session(session, shop.state.shop.tokens, user))
    started = await start(own, "outside", LINK_START)

    payload = await done(own, LINK, callback=await callback(started, person="alice@example.org"))

    assert refused(payload) == [("IdentityTaken", None)]


async def test_an_account_here_has_one_of_each_provider(ask: Ask) -> None:
    own = ask.as_((await come(ask))["accessToken"])
    started = await start(own, "outside", LINK_START)

    payload = await done(own, LINK, callback=await callback(started, person="carol@example.org"))

    assert refused(payload) == [("ProviderLinked", None)]


async def test_the_second_factor_is_asked_for_after_a_provider_too(ask: Ask) -> None:
    protected = await protect(ask.as_((await come(ask))["accessToken"]))

    payload = await come(ask)
    completed = await done(
        ask, COMPLETE, ticket=payload["userErrors"][0]["ticket"], code=protected.code()
    )

    assert refused(payload) == [("SecondFactorRequired", None)]
    assert completed["user"]["email"] == "alice@example.org"


async def test_entering_an_own_account_gains_no_guesses_at_others(ask: Ask) -> None:
    for n in range(SIGN_IN.address.most - 1):
        assert refused(await sign_in(ask, email=f"victim{n}@example.com"))

    for _ in range(2):
        assert (await come(ask))["userErrors"] == []

    answers = [
        await ask.answer(SIGN_IN_AS, input={"email": f"other{n}@example.com", "password": PASSWORD})
        for n in range(2)
    ]
    assert "errors" not in answers[0]
    assert answers[1]["errors"][0]["extensions"]["code"] == "THROTTLED"


async def test_a_closed_account_is_not_entered(db: Database, ask: Ask) -> None:
    await come(ask)
    async with db.transaction() as session:
        await session.execute(update(User).values(is_active=False))

    assert refused(await come(ask)) == [("SignInFailed", None)]


@pytest.mark.parametrize(
    "change",
    [
        {"verifier": "x" * 21},
        {"verifier": ""},
        {"state": "x" * 22},
        {"code": "forged"},
        {"code": ""},
        {"code": "x" * 3000},
        {"iss": "https://evil.example"},
        {"iss": None},
    ],
)
async def test_a_callback_that_is_not_in_order_is_refused(
    db: Database, ask: Ask, change: dict[str, Any]
) -> None:
    came = await callback(await start(ask, "outside"), person="alice@example.org")

    payload = await done(ask, FINISH, **(came | change))

    assert refused(payload) == NO
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 0
        assert await session.scalar(select(AuditEntry.action)) == "SIGN_IN_FAILED"


async def test_a_callback_of_another_sign_in_is_refused(db: Database, ask: Ask) -> None:
    """An attacker's code must not sign the victim's client in: the code is bound to its start."""
    theirs = await callback(await start(ask, "outside"), person="mallory@example.org")
    mine = await callback(await start(ask, "outside"), person="alice@example.org")

    payload = await done(ask, FINISH, **(mine | {"code": theirs["code"]}))

    assert refused(payload) == NO
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 0


async def test_a_callback_is_good_once_even_for_many_at_once(ask: Ask) -> None:
    came = await callback(await start(ask, "outside"), person="alice@example.org")

    payloads = await asyncio.gather(*(done(ask, FINISH, **came) for _ in range(4)))

    assert sorted(bool(payload["accessToken"]) for payload in payloads) == [False] * 3 + [True]


async def test_an_old_start_is_refused(db: Database, ask: Ask) -> None:
    came = await callback(await start(ask, "outside"), person="alice@example.org")
    async with db.transaction() as session:
        await session.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1)))

    assert refused(await done(ask, FINISH, **came)) == NO


async def test_what_is_not_configured_begins_nothing(db: Database, ask: Ask) -> None:
    unknown = await done(ask, START, provider="other", redirectUri=CALLBACK)
    elsewhere = await done(ask, START, provider="outside", redirectUri=f"{CALLBACK}/../evil")

    assert refused(unknown) == [("NotFound", ["provider"])]
    assert refused(elsewhere) == [("InvalidInput", ["redirectUri"])]
    assert await everything(db) == {}


async def test_the_last_way_to_sign_in_stays_linked(db: Database, ask: Ask) -> None:
    own = ask.as_((await come(ask))["accessToken"])
    [identity] = (await own(IDENTITIES))["me"]["identities"]
    before = await everything(db)

    assert refused(await done(own, UNLINK, id=identity["id"])) == [("LastWayToSignIn", ["id"])]
    assert await everything(db) == before

    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash="$argon2id$another"))
    assert (await done(own, UNLINK, id=identity["id"]))["unlinkedIdentityId"] == identity["id"]
    assert (await own(IDENTITIES))["me"]["identities"] == []


async def test_the_identities_of_others_are_not_found_and_stay(
    shop: Starlette, db: Database, ask: Ask
) -> None:
    own = ask.as_((await come(ask))["accessToken"])
    [identity] = (await own(IDENTITIES))["me"]["identities"]
    async with db.transaction() as session:
        stranger = await make_user(session, password_hash="$argon2id$another")
        foreign = ask.as_(await open_session(session, shop.state.shop.tokens, stranger))
    await foreign(ME)
    before = await everything(db)

    for wanted in (identity["id"], encode("identity", new_id()), "x"):
        assert refused(await done(foreign, UNLINK, id=wanted)) == [("NotFound", ["id"])]
    assert await everything(db) == before
