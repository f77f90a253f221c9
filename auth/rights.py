"""What somebody may do at this moment: one statement from a token's claims to a caller."""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import LargeBinary, Uuid, and_, bindparam, exists, func, or_, select

from auth.keys import TokenInvalid
from auth.tokens import Claims, TokenKind
from core.db import Query, Reader, Row
from core.errors import Shown
from core.identity import EVERYONE, FIRST_PARTY, PLATFORM_ONLY, Caller, CallerKind, Permission
from models.accounts import Guest, Session, User
from models.merchants import Membership, Merchant, MerchantStatus
from models.oauth import EndedToken, OAuthClient
from models.platform import AppToken

SHOP_SCOPE: Final = "shop"  # of a client: be the user at /graphql
STAFF_SCOPE: Final = "staff"  # and do what the user may do for merchants

Grants = Mapping[str, Container[UUID]]

_USER_ID: Final = bindparam("user_id", type_=Uuid())
# A row per membership; one with nulls for who has none.
_USER: Final = Query(
    select(
        User.platform_permissions,
        Session.client_id,
        Membership.merchant_id,
        Membership.is_owner,
        Membership.permissions,
    )
    .join(Session, Session.user_id == User.id)
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(OAuthClient, OAuthClient.id == Session.client_id)
    .where(
        User.id == _USER_ID,
        Session.id == bindparam("session_id", type_=Uuid()),
        Session.revoked_at.is_(None),
        User.is_active,
        OAuthClient.disabled_at.is_(None),  # also for a sign-in that it got in that moment
    )
)
_GUEST: Final = Query(
    select(Guest.id).where(
        Guest.id == bindparam("guest_id", type_=Uuid()), Guest.revoked_at.is_(None)
    )
)
# Programs of a merchant that is closed for good are nobody; of a suspended one they go on, as its
# staff does.
_IS_OPEN: Final = or_(Merchant.id.is_(None), Merchant.status != MerchantStatus.CLOSED)
PROGRAM: Final = (  # by a token of its own, unless it has ended that
    select(OAuthClient.merchant_id, OAuthClient.permissions)
    .outerjoin(Merchant, Merchant.id == OAuthClient.merchant_id)
    .where(
        OAuthClient.id == bindparam("client_id", type_=Uuid()),
        OAuthClient.disabled_at.is_(None),
        _IS_OPEN,
        ~exists().where(EndedToken.token_id == bindparam("token_id", type_=Uuid())),
    )
)
_PROGRAM: Final = Query(PROGRAM)
# With what its maker may do, for its merchant and for all.
_APP: Final = Query(
    select(
        AppToken.id,
        AppToken.merchant_id,
        AppToken.creator_id,
        AppToken.permissions.label("given"),
        AppToken.expires_at,
        User.platform_permissions,
        Membership.is_owner,
        Membership.permissions,
    )
    .join(User, and_(User.id == AppToken.creator_id, User.is_active))
    .outerjoin(Merchant, Merchant.id == AppToken.merchant_id)
    .outerjoin(
        Membership,
        and_(
            Membership.user_id == AppToken.creator_id,
            Membership.merchant_id == AppToken.merchant_id,
        ),
    )
    .where(
        AppToken.token_hash == bindparam("token_hash", type_=LargeBinary()),
        AppToken.revoked_at.is_(None),
        _IS_OPEN,
        or_(AppToken.expires_at.is_(None), AppToken.expires_at > func.now()),
    )
)


class ScopeInsufficient(Shown):
    """A good token of a client that was not allowed to be the user here."""

    code = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__(f"The token lacks the scope `{SHOP_SCOPE}`.")


async def caller_of(reader: Reader, claims: Claims) -> Caller:
    """Raises: TokenInvalid, ScopeInsufficient; one of core.db.FAULTS."""
    if claims.kind is TokenKind.GUEST:
        if not await reader.fetch(_GUEST, guest_id=claims.subject):
            raise TokenInvalid
        return Caller(CallerKind.GUEST, claims.subject, token_id=claims.token_id)
    if claims.kind is TokenKind.APP:
        return await _client(reader, claims)
    return await _user(reader, claims)


async def app_of(reader: Reader, text: str) -> tuple[Caller, Row]:
    """The caller of an app token, and its row.

    Raises: TokenInvalid; one of core.db.FAULTS.
    """
    rows = await reader.fetch(_APP, token_hash=hashlib.sha256(text.encode()).digest())
    if not rows:
        raise TokenInvalid
    row = rows[0]
    allowed = {*row["platform_permissions"]}
    if row["merchant_id"] is not None and row["permissions"] is not None:
        allowed |= {*held(is_owner=row["is_owner"], permissions=row["permissions"])}
    grants = dict.fromkeys(sorted(allowed & {*row["given"]}), _merchants(row["merchant_id"]))
    return Caller(CallerKind.APP, row["id"], grants=grants, token_id=row["id"]), row


async def _user(reader: Reader, claims: Claims) -> Caller:
    rows = await reader.fetch(_USER, user_id=claims.subject, session_id=claims.session_id)
    if not rows or (rows[0]["client_id"] is None) != (claims.client_id is None):
        raise TokenInvalid
    memberships = [row for row in rows if row["merchant_id"] is not None]
    grants: Grants = grants_of(rows[0]["platform_permissions"], memberships)
    if claims.client_id is None:
        grants = {**grants, FIRST_PARTY: EVERYONE}
    elif SHOP_SCOPE not in claims.scopes:
        raise ScopeInsufficient
    elif STAFF_SCOPE not in claims.scopes:
        grants = _within(grants, claims.scopes)
    return Caller(CallerKind.USER, claims.subject, claims.session_id, grants, claims.token_id)


async def _client(reader: Reader, claims: Claims) -> Caller:
    rows = await reader.fetch(_PROGRAM, client_id=claims.subject, token_id=claims.token_id)
    if not rows:
        raise TokenInvalid
    whole = dict.fromkeys(rows[0]["permissions"], _merchants(rows[0]["merchant_id"]))
    grants = _within(whole, claims.scopes)
    return Caller(CallerKind.APP, claims.subject, grants=grants, token_id=claims.token_id)


def _within(grants: Grants, scopes: Container[str]) -> Grants:
    """What scopes name of what is held; a scope is a permission in lower case."""
    return {name: merchants for name, merchants in grants.items() if name.lower() in scopes}


def _merchants(merchant_id: UUID | None) -> Container[UUID]:
    return EVERYONE if merchant_id is None else frozenset({merchant_id})


def grants_of(platform: Iterable[str], memberships: Sequence[Row]) -> dict[str, Container[UUID]]:
    """Permission -> merchants. An owner holds everything that is not the platform's alone."""
    merchants: dict[str, set[UUID]] = {}
    for row in memberships:
        for permission in held(is_owner=row["is_owner"], permissions=row["permissions"]):
            merchants.setdefault(permission, set()).add(row["merchant_id"])
    grants: dict[str, Container[UUID]] = {
        permission: frozenset(found) for permission, found in merchants.items()
    }
    return grants | dict.fromkeys(platform, EVERYONE)


def held(*, is_owner: bool, permissions: Iterable[str]) -> list[str]:
    """What a membership permits, in the order of `Permission`."""
    names: Any = frozenset(permissions)
    return [
        permission.value
        for permission in Permission
        if permission not in PLATFORM_ONLY and (is_owner or permission in names)
    ]
