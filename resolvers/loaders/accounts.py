"""Users and what belongs to them: to themselves only."""

from typing import Final

from sqlalchemy import any_, exists, func, select, true

from models.accounts import Address, RefreshToken, Session, User
from models.merchants import Membership
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import owned

MAX_SESSIONS: Final = 100

# A password hash is never read to be shown.
USER_COLUMNS: Final = [column for column in User.__table__.c if column.name != "password_hash"]

USERS = Relation(select(*USER_COLUMNS).where(User.id == any_(KEYS), owned(User.id)), key="id")
MEMBERSHIPS_OF_USERS = Relation(
    select(*Membership.__table__.c)
    .where(Membership.user_id == any_(KEYS), owned(Membership.user_id))
    .order_by(Membership.merchant_id),
    key="user_id",
    many=True,
)
ADDRESSES = Relation(
    select(*Address.__table__.c).where(Address.id == any_(KEYS), owned(Address.user_id)), key="id"
)
ADDRESSES_OF_USERS = Relation(
    select(*Address.__table__.c)
    .where(Address.user_id == any_(KEYS), owned(Address.user_id))
    .order_by(
        Address.is_default_shipping.desc(), Address.is_default_billing.desc(), Address.id.desc()
    ),
    key="user_id",
    many=True,
)
SESSIONS = Relation(
    select(*Session.__table__.c).where(Session.id == any_(KEYS), owned(Session.user_id)), key="id"
)

_users = func.unnest(KEYS).table_valued("id").render_derived(name="wanted")
_open = (
    select(*Session.__table__.c)
    .where(
        Session.user_id == _users.c.id,
        owned(Session.user_id),
        Session.revoked_at.is_(None),
        exists().where(
            RefreshToken.session_id == Session.id,
            RefreshToken.used_at.is_(None),
            RefreshToken.expires_at > func.now(),
        ),
    )
    .order_by(Session.last_used_at.desc(), Session.id.desc())
    .limit(MAX_SESSIONS)
    .lateral("open")
)
# Sign-ins that can still be refreshed, the one used last first.
SESSIONS_OF_USERS = Relation(
    select(*_open.c)
    .select_from(_users.join(_open, true()))
    .order_by(_open.c.last_used_at.desc(), _open.c.id.desc()),
    key="user_id",
    many=True,
)
