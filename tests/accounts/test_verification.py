"""Showing that the e-mail address of an account is its user's: for accounts made by other hands."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database
from models.accounts import Proof, User
from services import accounts
from tests.accounts.letters import letters, token_of
from tests.accounts.operations import REFUSALS, VERIFY_AGAIN, everything, refused, sign_in
from tests.asking import Ask

CONFIRM = f"""mutation($input: LinkInput!) {{
  emailVerificationConfirm(input: $input) {{ user {{ emailVerified }} {REFUSALS} }} }}"""
VERIFIED = "{ me { emailVerified } }"


async def confirm(ask: Ask, token: str) -> dict[str, object]:
    return (await ask(CONFIRM, input={"token": token}))["emailVerificationConfirm"]


@pytest.fixture
async def own(ann: User, ask: Ask) -> Ask:
    """Ann signed in; a letter with a link waits for her."""
    opened = ask.as_((await sign_in(ask))["accessToken"])
    await opened(VERIFY_AGAIN)
    return opened


async def test_the_link_of_the_letter_confirms_the_address(
    db: Database, own: Ask, ask: Ask
) -> None:
    before = await own(VERIFIED)

    payload = await confirm(ask, await token_of(db, "VERIFY_EMAIL"))

    assert before == {"me": {"emailVerified": False}}
    assert payload == {"user": None, "userErrors": []}  # the link signs nobody in
    assert await own(VERIFIED) == {"me": {"emailVerified": True}}
    assert await letters(db) == [("VERIFY_EMAIL", "ann@example.com")]


async def test_whoever_is_signed_in_sees_their_account_confirmed(db: Database, own: Ask) -> None:
    payload = await confirm(own, await token_of(db, "VERIFY_EMAIL"))

    assert payload == {"user": {"emailVerified": True}, "userErrors": []}


async def test_a_fresh_letter_comes_on_request_until_the_address_is_confirmed(
    db: Database, own: Ask, ask: Ask
) -> None:
    await own(VERIFY_AGAIN)
    await confirm(ask, await token_of(db, "VERIFY_EMAIL"))
    answer = await own(VERIFY_AGAIN)

    assert answer["emailVerificationRequest"]["userErrors"] == []
    assert len(await letters(db)) == 2


async def test_letters_on_request_have_a_brake(db: Database, own: Ask) -> None:
    answers = [await own.answer(VERIFY_AGAIN) for _ in range(10)]

    codes = [each["errors"][0]["extensions"]["code"] for each in answers if "errors" in each]
    assert codes == ["THROTTLED"]
    assert len(await letters(db)) == 10


async def test_nobody_without_an_account_can_ask_for_one(db: Database, ask: Ask) -> None:
    answer = await ask.answer(VERIFY_AGAIN)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await letters(db) == []


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5_000, "\u0007"])
async def test_an_unknown_link_is_refused_and_changes_nothing(
    db: Database, own: Ask, ask: Ask, token: str
) -> None:
    before = await everything(db)

    payload = await confirm(ask, token)

    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before


async def test_a_link_is_good_once(db: Database, own: Ask, ask: Ask) -> None:
    token = await token_of(db, "VERIFY_EMAIL")
    await confirm(ask, token)
    before = await everything(db)

    assert refused(await confirm(ask, token)) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before


async def test_a_link_that_is_too_old_is_refused(db: Database, own: Ask, ask: Ask) -> None:
    async with db.transaction() as session:
        await session.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1)))

    payload = await confirm(ask, await token_of(db, "VERIFY_EMAIL"))

    assert refused(payload) == [("LinkInvalid", ["token"])]


async def test_a_link_confirms_only_the_address_that_it_was_sent_to(
    db: Database, own: Ask, ask: Ask
) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(email="other@example.com"))

    payload = await confirm(ask, await token_of(db, "VERIFY_EMAIL"))

    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await own(VERIFIED) == {"me": {"emailVerified": False}}


@pytest.mark.parametrize("mutation", ["passwordReset", "emailChangeConfirm", "emailChangeUndo"])
async def test_a_link_for_one_thing_is_good_for_no_other(
    db: Database, own: Ask, ask: Ask, mutation: str
) -> None:
    token = await token_of(db, "VERIFY_EMAIL")
    before = await everything(db)
    is_reset = mutation == "passwordReset"
    more = ', newPassword: "another horse battery"' if is_reset else ""

    answer = await ask(
        f'mutation {{ {mutation}(input: {{token: "{token}"{more}}}) {{ {REFUSALS} }} }}'
    )

    assert refused(answer[mutation]) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before


async def test_of_twenty_who_take_one_proof_at_once_one_gets_it(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        text = await accounts.proofs.create(
            session, purpose="TEST", facts={"n": 1}, lifetime=timedelta(minutes=1)
        )

    async def take() -> object:
        async with db.transaction() as session:
            return await accounts.proofs.take(session, purpose="TEST", text=text)

    taken = await asyncio.gather(*(take() for _ in range(20)))

    assert [proof.facts for proof in taken if proof] == [{"n": 1}]


async def test_a_refusal_gives_the_proof_back(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        text = await accounts.proofs.create(session, purpose="TEST", lifetime=timedelta(minutes=1))

    async def take_and_fail() -> None:
        async with db.transaction() as session:
            assert await accounts.proofs.take(session, purpose="TEST", text=text)
            raise LookupError

    with pytest.raises(LookupError):
        await take_and_fail()

    async with db.transaction() as session:
        assert await accounts.proofs.take(session, purpose="TEST", text=text)


async def test_the_database_knows_no_text_of_a_proof_and_forgets_old_ones(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        text = await accounts.proofs.create(session, purpose="TEST", lifetime=-timedelta(seconds=1))
        await accounts.proofs.create(session, purpose="TEST", lifetime=timedelta(minutes=1))

    async with db.transaction() as session:
        kept = (await session.execute(select(Proof))).scalars().all()
        gone = await accounts.proofs.delete_expired(session, before=now())
        left = await session.scalar(select(func.count()).select_from(Proof))

    assert all(text.encode() not in proof.token_hash for proof in kept)
    assert (gone, left) == (1, 1)
