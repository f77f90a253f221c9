"""What the tests of accounts ask, and how they see that nothing changed."""

from typing import Any

from sqlalchemy import text

from core.db import Database
from models.base import Base
from tests.accounts.letters import token_of
from tests.asking import Ask

PASSWORD = "correct horse battery"
REFUSALS = "userErrors { __typename code message field }"
TOKENS = f"accessToken refreshToken expiresAt user {{ id email }} {REFUSALS}"
REGISTER = (
    f"mutation($input: AccountRegisterInput!) {{ accountRegister(input: $input) {{ {REFUSALS} }} }}"
)
CONFIRM = (
    f"mutation($input: AccountConfirmInput!) {{ accountConfirm(input: $input) {{ {TOKENS} }} }}"
)
SIGN_IN = f"mutation($input: TokenCreateInput!) {{ tokenCreate(input: $input) {{ {TOKENS} }} }}"
REFRESH = f"mutation($input: TokenRefreshInput!) {{ tokenRefresh(input: $input) {{ {TOKENS} }} }}"
REVOKE = f"mutation($input: TokenRevokeInput!) {{ tokenRevoke(input: $input) {{ endedSessions {REFUSALS} }} }}"
RESET_REQUEST = f"mutation($input: PasswordResetRequestInput!) {{ passwordResetRequest(input: $input) {{ {REFUSALS} }} }}"
RESET = f"mutation($input: PasswordResetInput!) {{ passwordReset(input: $input) {{ {REFUSALS} }} }}"
VERIFY_AGAIN = f"mutation {{ emailVerificationRequest {{ user {{ email }} {REFUSALS} }} }}"
ME = "{ me { id email } }"


async def register(ask: Ask, **values: Any) -> dict[str, Any]:
    given = {"email": "ann@example.com", "password": PASSWORD} | values
    payload: dict[str, Any] = (await ask(REGISTER, input=given))["accountRegister"]
    return payload


async def confirm(ask: Ask, token: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = await ask(CONFIRM, input={"token": token, "password": password})
    payload: dict[str, Any] = answer["accountConfirm"]
    return payload


async def open_account(db: Database, ask: Ask, **values: Any) -> dict[str, Any]:
    """Register and follow the letter's link; the tokens."""
    assert await register(ask, **values) == {"userErrors": []}
    token = await token_of(db, "REGISTER")
    return await confirm(ask, token, values.get("password", PASSWORD))


async def sign_in(
    ask: Ask, *, email: str = "ann@example.com", password: str = PASSWORD
) -> dict[str, Any]:
    answer = await ask(SIGN_IN, input={"email": email, "password": password})
    payload: dict[str, Any] = answer["tokenCreate"]
    return payload


async def refresh(ask: Ask, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(REFRESH, input={"refreshToken": token}))["tokenRefresh"]
    return payload


async def revoke(ask: Ask, **values: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(REVOKE, input=values))["tokenRevoke"]
    return payload


def refused(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """The types and fields of a payload's refusals; nothing else may be in it."""
    values = [value for name, value in payload.items() if name != "userErrors"]
    assert values == [None] * len(values), payload
    return [(error["__typename"], error["field"]) for error in payload["userErrors"]]


async def everything(db: Database) -> dict[str, str]:
    """What is in each table that has rows: their number, and a hash of all of them.

    Without what is written whatever happens: the audit log, and the keys of a process.
    """
    found: dict[str, str] = {}
    async with db.transaction() as session:
        for table in Base.metadata.tables:
            if table.startswith("audit_") or table == "signing_keys":
                continue
            rows = "string_agg(each::text, '|' ORDER BY each::text)"
            sql = f"SELECT count(*) || ' rows ' || md5({rows}) FROM {table} each"
            if (state := await session.scalar(text(sql))) is not None:
                found[table] = state
    return found
