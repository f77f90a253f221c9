"""Who is asking and what they may do."""

from collections.abc import Container, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from uuid import UUID


class Permission(StrEnum):
    """Held by staff as pairs (merchant, permission), or by the platform's own staff for all."""

    MANAGE_PRODUCTS = "MANAGE_PRODUCTS"
    MANAGE_PRICES = "MANAGE_PRICES"
    MANAGE_INVENTORY = "MANAGE_INVENTORY"
    MANAGE_WAREHOUSES = "MANAGE_WAREHOUSES"
    MANAGE_ORDERS = "MANAGE_ORDERS"
    MANAGE_RETURNS = "MANAGE_RETURNS"
    MANAGE_REFUNDS = "MANAGE_REFUNDS"
    MANAGE_SHIPMENTS = "MANAGE_SHIPMENTS"
    MANAGE_PROMOTIONS = "MANAGE_PROMOTIONS"
    MANAGE_GROUP_BUYS = "MANAGE_GROUP_BUYS"
    MANAGE_CUSTOMERS = "MANAGE_CUSTOMERS"
    MANAGE_STAFF = "MANAGE_STAFF"
    MANAGE_SETTINGS = "MANAGE_SETTINGS"
    MANAGE_WEBHOOKS = "MANAGE_WEBHOOKS"
    VIEW_ANALYTICS = "VIEW_ANALYTICS"
    VIEW_PAYOUTS = "VIEW_PAYOUTS"
    MANAGE_MERCHANTS = "MANAGE_MERCHANTS"
    MANAGE_TAXONOMY = "MANAGE_TAXONOMY"
    MANAGE_CARRIERS = "MANAGE_CARRIERS"
    MANAGE_PAYMENTS = "MANAGE_PAYMENTS"
    MANAGE_RISK = "MANAGE_RISK"
    VIEW_AUDIT = "VIEW_AUDIT"


PLATFORM_ONLY: Final = frozenset(
    {
        Permission.MANAGE_MERCHANTS,
        Permission.MANAGE_TAXONOMY,
        Permission.MANAGE_CARRIERS,
        Permission.MANAGE_PAYMENTS,
        Permission.MANAGE_RISK,
        Permission.VIEW_AUDIT,
    }
)


class Everyone:
    """The merchants for whom the platform's own permission holds: all of them."""

    def __contains__(self, merchant: object) -> bool:
        return True


EVERYONE: Final = Everyone()

# Granted beside the permissions to a sign-in with us, never to a token given to another program.
FIRST_PARTY: Final = "ACCOUNT"


class CallerKind(StrEnum):
    """APP: a program with a token of its own, not on behalf of a person."""

    ANONYMOUS = "ANONYMOUS"
    GUEST = "GUEST"
    USER = "USER"
    APP = "APP"


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from. Both are personal data: never in logs or events.

    address: of the client as far as trusted proxies tell; agent: what its User-Agent says.
    """

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the request.

    subject: the id of the guest, user or program; owns carts, checkouts and orders. None:
    anonymous.
    session_id: which sign-in the token belongs to; None for guests and programs.
    token_id: the token's own id (`jti`, or the row of an app token); None without one.
    grants: permission -> the merchants it holds for (`EVERYONE` for platform staff).
    """

    kind: CallerKind = CallerKind.ANONYMOUS
    subject: UUID | None = None
    session_id: UUID | None = None
    grants: Mapping[str, Container[UUID]] = field(default_factory=dict)
    token_id: UUID | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.kind is CallerKind.USER

    @property
    def is_known(self) -> bool:
        """Somebody in particular, so that a refusal is no invitation to sign in."""
        return self.kind in {CallerKind.USER, CallerKind.APP}

    def may(self, permission: Permission, merchant_id: UUID) -> bool:
        return merchant_id in self.grants.get(permission, ())

    def narrowed(self, merchant_id: UUID) -> "Caller | None":
        """The caller as one who works for this merchant only; None: for it they do not work."""
        here = {
            permission: frozenset({merchant_id})
            for permission, merchants in self.grants.items()
            if permission != FIRST_PARTY and merchant_id in merchants
        }
        if not here:
            return None
        account = {FIRST_PARTY: EVERYONE} if FIRST_PARTY in self.grants else {}
        return replace(self, grants={**here, **account})

    def merchants(self, permission: Permission) -> list[UUID] | None:
        """The merchants a permission holds for, as SQL takes them; None means all."""
        granted = self.grants.get(permission, frozenset())
        return None if isinstance(granted, Everyone) else list(granted)  # type: ignore[call-overload]


ANONYMOUS: Final = Caller()

UNKNOWN: Final = Client()

# Who does what runs now, for the audit log; workers are nobody: the system itself.
acting: Final[ContextVar[Caller]] = ContextVar("acting", default=ANONYMOUS)
client: Final[ContextVar[Client]] = ContextVar("client", default=UNKNOWN)
