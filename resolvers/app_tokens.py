"""Tokens of programs: their list, and the transaction of each mutation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, or_, select

from auth.callers import forget_caller
from core.identity import Permission
from models.accounts import User
from models.platform import AppToken
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.app_tokens import APP_TOKEN_COLUMNS, managed_app_token
from services import platform

APP_TOKENS: Final = Listing(
    select(*APP_TOKEN_COLUMNS)
    .join(User, User.id == AppToken.creator_id)
    .where(managed_app_token()),
    AppToken.id,
    sorts={"NEWEST": Sort(AppToken.created_at, descending=True)},
    filters={
        "merchants": AppToken.merchant_id == any_(bindparam("merchants", type_=ARRAY(Uuid()))),
        "open": AppToken.revoked_at.is_(None)
        & or_(AppToken.expires_at.is_(None), AppToken.expires_at > func.now()),
    },
    spread={},
)


async def app_token_create(
    ctx: RequestContext,
    *,
    name: str,
    permissions: Sequence[Permission],
    merchant_id: UUID | None,
    expires_at: datetime | None,
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        made = await platform.create_app_token(
            session,
            ctx.caller,
            name=name,
            permissions=permissions,
            merchant_id=merchant_id,
            expires_at=expires_at,
        )
    return {"app_token_id": made.id, "token": made.text}


async def app_token_revoke(ctx: RequestContext, *, app_token_id: UUID) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await platform.revoke_app_token(session, ctx.caller, app_token_id=app_token_id)
    forget_caller(app_token_id)
    return {"app_token_id": app_token_id}
