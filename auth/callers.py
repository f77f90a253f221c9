"""From a token to a caller with grants: one statement, remembered for a second.

A revoked sign-in or a lost permission therefore ends at most a second later in other processes;
in ours `forget_caller` ends it at once.
"""

import time
from collections import OrderedDict
from collections.abc import Container, Iterable, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID
from weakref import WeakSet

from sqlalchemy import Uuid, bindparam, select

from auth.tokens import Claims, TokenInvalid, TokenKind, Tokens, seconds_left
from core.db import Query, Reader, Row
from core.identity import EVERYONE, PLATFORM_ONLY, Caller, CallerKind, Permission
from models.accounts import Guest, Session, User
from models.merchants import Membership

SECONDS: Final = 1.0
MAX_REMEMBERED: Final = 4096

# A row per membership; one with nulls for who has none.
_USER = Query(
    select(
        User.platform_permissions,
        Membership.merchant_id,
        Membership.is_owner,
        Membership.permissions,
    )
    .join(Session, Session.user_id == User.id)
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(
        User.id == bindparam("user_id", type_=Uuid()),
        Session.id == bindparam("session_id", type_=Uuid()),
        Session.revoked_at.is_(None),
        User.is_active,
    )
)
_GUEST = Query(
    select(Guest.id).where(
        Guest.id == bindparam("guest_id", type_=Uuid()), Guest.revoked_at.is_(None)
    )
)


class Callers:
    """Finds the caller of a token."""

    all: ClassVar[WeakSet["Callers"]] = WeakSet()

    def __init__(self, tokens: Tokens, reader: Reader) -> None:
        self._tokens, self._reader = tokens, reader
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        Callers.all.add(self)

    async def of(self, token: str) -> Caller:
        """Raises: TokenInvalid; one of core.db.FAULTS when the database can't be asked."""
        now = time.monotonic()
        known = self._known.get(token)
        if known and now < known[1]:
            return known[0]
        claims = self._tokens.read(token)
        caller = await self._found(claims)
        # From before the question: what was revoked while it ran must not live longer.
        self._known[token] = caller, now + min(SECONDS, seconds_left(claims))
        self._known.move_to_end(token)
        while len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        return caller

    def forget(self) -> None:
        self._known.clear()

    def forget_one(self, subject: UUID) -> None:
        for token in [
            text for text, (caller, _) in self._known.items() if caller.subject == subject
        ]:
            del self._known[token]

    async def _found(self, claims: Claims) -> Caller:
        if claims.kind is TokenKind.GUEST:
            if not await self._reader.fetch(_GUEST, guest_id=claims.subject):
                raise TokenInvalid
            return Caller(CallerKind.GUEST, claims.subject)
        rows = await self._reader.fetch(_USER, user_id=claims.subject, session_id=claims.session_id)
        if not rows:
            raise TokenInvalid
        memberships = [row for row in rows if row["merchant_id"] is not None]
        grants = grants_of(rows[0]["platform_permissions"], memberships)
        return Caller(CallerKind.USER, claims.subject, claims.session_id, grants)


def forget_caller(subject: UUID) -> None:
    """After a sign-in of a user was ended, a guest revoked, or a permission changed."""
    for callers in Callers.all:
        callers.forget_one(subject)


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
