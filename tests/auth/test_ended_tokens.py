"""Tokens that programs ended: what a process asks, and what it remembers."""

import asyncio

import asyncpg
import pytest

from auth.callers import Callers
from auth.news import News
from auth.tokens import TokenInvalid, Tokens
from core.db import Database, Reader, counted
from core.identity import CallerKind
from core.ids import new_id
from models.oauth import EndedToken, OAuthClient
from tests.factories.oauth import SECRET, make_client


@pytest.fixture
async def program(db: Database) -> OAuthClient:
    async with db.transaction() as session:
        return await make_client(session, secret=SECRET, permissions=["MANAGE_ORDERS"])


@pytest.fixture
def callers(tokens: Tokens, reader: Reader, always_heard: News) -> Callers:
    """Those of a process that hears all news, and remembers."""
    return Callers(tokens, reader, always_heard)


def token_of(tokens: Tokens, program: OAuthClient) -> str:
    return tokens.app(program.id, ("manage_orders",))[0]


async def end(db: Database, tokens: Tokens, token: str) -> None:
    """In the database alone: nobody is told."""
    claims = tokens.read(token)
    async with db.transaction() as session:
        session.add(EndedToken(token_id=claims.token_id, expires_at=claims.expires_at))


async def test_one_statement_finds_the_program_and_that_its_token_has_not_ended(
    db: Database, tokens: Tokens, callers: Callers, program: OAuthClient
) -> None:
    token, ended = token_of(tokens, program), token_of(tokens, program)
    await end(db, tokens, ended)

    with counted() as first:
        caller = await callers.of(token)
    with counted() as again:
        await callers.of(token)
    with counted() as refused, pytest.raises(TokenInvalid):
        await callers.of(ended)

    assert (caller.kind, caller.subject) == (CallerKind.APP, program.id)
    assert [len(each) for each in (first, again, refused)] == [1, 0, 1]


async def test_a_token_that_was_seen_is_good_until_its_end_is_told(
    db: Database, tokens: Tokens, callers: Callers, program: OAuthClient
) -> None:
    token, other = token_of(tokens, program), token_of(tokens, program)
    await callers.of(token)
    await callers.of(other)
    await end(db, tokens, token)

    from_memory = await callers.of(token)
    callers.forget_one(tokens.read(token).token_id)

    assert from_memory.subject == program.id
    with pytest.raises(TokenInvalid):
        await callers.of(token)
    assert [*callers._memory.known] == [other]


@pytest.mark.parametrize("is_its", [True, False])
async def test_a_token_that_ends_while_the_database_is_asked_is_not_remembered(
    tokens: Tokens,
    callers: Callers,
    program: OAuthClient,
    cleaner: asyncpg.Connection,
    *,
    is_its: bool,
) -> None:
    token = token_of(tokens, program)

    async with cleaner.transaction():
        await cleaner.execute("LOCK TABLE ended_tokens IN ACCESS EXCLUSIVE MODE")
        asking = asyncio.create_task(callers.of(token))
        await asyncio.sleep(0.1)
        callers.forget_one(tokens.read(token).token_id if is_its else new_id())
    await asking

    assert (token in callers._memory.known) is not is_its
