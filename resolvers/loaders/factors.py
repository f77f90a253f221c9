"""How a user can sign in: shown to themselves only, and never what proves it."""

from typing import Final

from sqlalchemy import any_, func, select

from models.factors import Identity, Passkey, RecoveryCode, Totp
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import owned

_PASSKEY: Final = select(
    Passkey.id,
    Passkey.user_id,
    Passkey.name,
    Passkey.is_synced,
    Passkey.created_at,
    Passkey.last_used_at,
).where(owned(Passkey.user_id))
_IDENTITY: Final = select(
    Identity.id,
    Identity.user_id,
    Identity.provider,
    Identity.created_at,
    Identity.last_used_at,
).where(owned(Identity.user_id))

PASSKEYS: Final = Relation(_PASSKEY.where(Passkey.id == any_(KEYS)), key="id")
PASSKEYS_OF_USERS: Final = Relation(
    _PASSKEY.where(Passkey.user_id == any_(KEYS)).order_by(Passkey.id), key="user_id", many=True
)
IDENTITIES: Final = Relation(_IDENTITY.where(Identity.id == any_(KEYS)), key="id")
IDENTITIES_OF_USERS: Final = Relation(
    _IDENTITY.where(Identity.user_id == any_(KEYS)).order_by(Identity.id),
    key="user_id",
    many=True,
)
_left = (
    select(func.count())
    .where(RecoveryCode.user_id == Totp.user_id)
    .scalar_subquery()
    .label("recovery_codes_left")
)
# One row for those who have turned one-time codes on.
ONE_TIME_CODES_OF_USERS: Final = Relation(
    select(Totp.user_id, Totp.confirmed_at, _left).where(
        Totp.user_id == any_(KEYS), owned(Totp.user_id), Totp.confirmed_at.is_not(None)
    ),
    key="user_id",
)
