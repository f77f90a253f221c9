"""Merchants: for display by whatever names them, and as callers may find them; their staff."""

from typing import Final

from sqlalchemy import (
    ColumnElement,
    Uuid,
    and_,
    any_,
    cast,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
)

from core.identity import Permission
from models.accounts import User
from models.merchants import (
    Membership,
    Merchant,
    MerchantRecord,
    MerchantStatus,
    MerchantText,
    StaffInvitation,
)
from resolvers.loaders.base import KEYS, Relation, Snapshot
from resolvers.scope import owned, permitted, permitted_everywhere

MERCHANTS = Snapshot(select(*Merchant.__table__.c))


def visible_merchant() -> ColumnElement[bool]:
    """Active ones for all, every one for the platform, their own for those who work there."""
    works_there = (
        Permission.MANAGE_MERCHANTS,
        Permission.MANAGE_PRODUCTS,
        Permission.MANAGE_ORDERS,
        Permission.MANAGE_SETTINGS,
        Permission.MANAGE_STAFF,
    )
    return or_(
        Merchant.status == MerchantStatus.ACTIVE,
        *(permitted(Merchant.id, permission) for permission in works_there),
    )


MERCHANTS_VISIBLE = Relation(
    select(*Merchant.__table__.c).where(Merchant.id == any_(KEYS), visible_merchant()), key="id"
)
# Whom the caller works for by the rows, whatever the token may say yet.
MERCHANTS_JOINED: Final = Relation(
    select(*Merchant.__table__.c)
    .join(Membership, Membership.merchant_id == Merchant.id)
    .where(Merchant.id == any_(KEYS), owned(Membership.user_id)),
    key="id",
)
TEXTS_OF_MERCHANTS: Final = Relation(
    select(*MerchantText.__table__.c).where(MerchantText.merchant_id == any_(KEYS)),
    key="merchant_id",
    is_reference=True,  # whoever sees a merchant may read its policies
)
# One per merchant, whether or not it told the platform anything.
RECORDS_OF_MERCHANTS: Final = Relation(
    select(
        Merchant.id,
        Merchant.created_at,
        Merchant.status_reason,
        Merchant.status_changed_at,
        Merchant.payouts_held,
        MerchantRecord.legal_name,
        MerchantRecord.registration_number,
        MerchantRecord.country,
        MerchantRecord.contact_email,
        MerchantRecord.contact_phone,
    )
    .outerjoin(MerchantRecord, MerchantRecord.merchant_id == Merchant.id)
    .where(
        Merchant.id == any_(KEYS),
        or_(
            permitted(Merchant.id, Permission.MANAGE_SETTINGS),
            permitted(Merchant.id, Permission.MANAGE_MERCHANTS),
        ),
    ),
    key="id",
)

STAFF_COLUMNS: Final = [
    Membership.user_id.label("id"),  # of a list of one merchant's staff
    Membership.user_id,
    Membership.merchant_id,
    Membership.is_owner,
    Membership.permissions,
    Membership.joined_at,
    User.email,
    User.first_name,
    User.last_name,
    User.is_active,
]
STAFF_OF_USERS: Final = Relation(
    select(*STAFF_COLUMNS)
    .join(User, User.id == Membership.user_id)
    .where(
        Membership.user_id == any_(KEYS),
        permitted(Membership.merchant_id, Permission.MANAGE_STAFF),
    )
    .order_by(Membership.merchant_id),
    key="user_id",
    many=True,
)
INVITATIONS: Final = Relation(
    select(*StaffInvitation.__table__.c).where(
        StaffInvitation.id == any_(KEYS),
        permitted(StaffInvitation.merchant_id, Permission.MANAGE_STAFF),
    ),
    key="id",
)

# In the shape of a merchant's staff.
PLATFORM_STAFF_COLUMNS: Final = [
    User.id,
    User.id.label("user_id"),
    cast(null(), Uuid()).label("merchant_id"),
    false().label("is_owner"),
    User.platform_permissions.label("permissions"),
    User.created_at.label("joined_at"),
    User.email,
    User.first_name,
    User.last_name,
    User.is_active,
]


def is_platform_staff() -> ColumnElement[bool]:
    """Who works for the platform, seen by who manages its staff."""
    return and_(
        func.cardinality(User.platform_permissions) > literal_column("0"),  # as its index says
        permitted_everywhere(Permission.MANAGE_STAFF),
    )


PLATFORM_STAFF_OF_USERS: Final = Relation(
    select(*PLATFORM_STAFF_COLUMNS).where(User.id == any_(KEYS), is_platform_staff()), key="id"
)
