"""Tokens of programs, for those who manage the settings of what they work for."""

from typing import Final

from sqlalchemy import ColumnElement, any_, select

from core.identity import Permission
from models.accounts import User
from models.platform import AppToken
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import permitted

APP_TOKEN_COLUMNS: Final = [
    *(column for column in AppToken.__table__.c if column.name != "token_hash"),
    User.first_name,
    User.last_name,
]


def managed_app_token() -> ColumnElement[bool]:
    """Of a merchant whose settings the caller manages; all of them, and the platform's own."""
    return permitted(AppToken.merchant_id, Permission.MANAGE_SETTINGS)


APP_TOKENS: Final = Relation(
    select(*APP_TOKEN_COLUMNS)
    .join(User, User.id == AppToken.creator_id)
    .where(AppToken.id == any_(KEYS), managed_app_token()),
    key="id",
)
