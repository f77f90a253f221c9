"""How an account is entered is changed by its owner's own sign-in, never by a program's."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from core.clock import now
from core.db import Database
from models.accounts import Session, User
from models.factors import SignInTicket
from models.oauth import OAuthClient
from tests.accounts.operations import everything
from tests.asking import Ask
from tests.factors.conftest import Protected, ticket
from tests.factors.operations import (
    CONFIRM,
    PASSKEY_ADD,
    PASSKEY_REMOVE,
    PASSKEY_RENAME,
    PASSKEY_START,
    PASSKEYS,
    REMOVE,
    RENEW,
    SETUP,
)
from tests.factors.outside import IDENTITIES, LINK, LINK_START, UNLINK
from workers.tidying import forget_expired_proofs

MINE: dict[str, dict[str, Any]] = {
    SETUP: {},
    CONFIRM: {"code": "123456"},
    REMOVE: {},
    RENEW: {},
    PASSKEY_START: {},
    PASSKEY_ADD: {"credential": {}, "name": "x"},
    PASSKEY_RENAME: {"id": "x", "name": "x"},
    PASSKEY_REMOVE: {"id": "x"},
    LINK_START: {"provider": "x", "redirectUri": "x"},
    LINK: {"ticket": "x"},
    UNLINK: {"id": "x"},
    PASSKEYS: {},
    IDENTITIES: {},
}


@pytest.fixture
async def program(app: Starlette, db: Database, ann: User, ask: Ask) -> Ask:
    """A program to which Ann gave everything that one can give."""
    client = OAuthClient(name="Program", authentication="SECRET", secret_hash=b"hash")
    async with db.transaction() as session:
        session.add(client)
        await session.flush()
        opened = Session(user_id=ann.id, client_id=client.id)
        session.add(opened)
        await session.flush()
    scopes = ("openid", "profile", "email", "offline_access", "shop", "staff")
    tokens = app.state.shop.tokens
    return ask.as_(tokens.access(ann.id, opened.id, client_id=client.id, scopes=scopes)[0])


@pytest.mark.parametrize("query", MINE, ids=lambda query: query.split("{")[1].split("(")[0].strip())
async def test_neither_strangers_nor_programs_may(
    db: Database, ask: Ask, program: Ask, query: str
) -> None:
    values = {"input": MINE[query]} if "$input" in query else {}
    before = await everything(db)

    stranger = await ask.answer(query, **values)
    theirs = await program.answer(query, **values)

    codes = {error["extensions"]["code"] for error in theirs["errors"]}
    assert codes == {"FORBIDDEN"}, theirs
    if not query.startswith("{"):
        assert stranger["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await everything(db) == before


async def test_tickets_whose_time_is_over_are_deleted(
    db: Database, ask: Ask, protected: Protected
) -> None:
    await ticket(ask)
    async with db.transaction() as session:
        late = SignInTicket.__table__.update().values(expires_at=now() - timedelta(seconds=1))
        await session.execute(late)
    await ticket(ask)

    assert await forget_expired_proofs(db) == 1

    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(SignInTicket)) == 1
