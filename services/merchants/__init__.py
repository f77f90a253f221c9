"""Merchants: who sells, who works for them, and what the platform decides about them.

Whoever changes a merchant's staff or state locks the merchant first, and judges everybody by what
they hold at that moment.
"""

from services.merchants.applications import Application, apply
from services.merchants.errors import (
    EmailUnverified,
    InvitationInvalid,
    LastOwner,
    LastStaffManager,
    NotAllowedInState,
    OwnerRequired,
    TooManyApplications,
    TooManyInvitations,
)
from services.merchants.facts import Business
from services.merchants.invitations import (
    Offer,
    accept,
    delete_expired_invitations,
    invite,
    revoke,
)
from services.merchants.invited import Invited, Work, look, work
from services.merchants.leaving import erase_person, personal_data, sole_ownerships
from services.merchants.merchants import NewMerchant, put_merchants
from services.merchants.platform_staff import (
    lock_people,
    platform_rights,
    require_may_leave,
    set_platform_staff,
)
from services.merchants.review import review
from services.merchants.settings import MerchantChange, update_merchant
from services.merchants.staff import remove, set_permissions
from services.merchants.states import Decision

__all__ = [
    "Application",
    "Business",
    "Decision",
    "EmailUnverified",
    "InvitationInvalid",
    "Invited",
    "LastOwner",
    "LastStaffManager",
    "MerchantChange",
    "NewMerchant",
    "NotAllowedInState",
    "Offer",
    "OwnerRequired",
    "TooManyApplications",
    "TooManyInvitations",
    "Work",
    "accept",
    "apply",
    "delete_expired_invitations",
    "erase_person",
    "invite",
    "lock_people",
    "look",
    "personal_data",
    "platform_rights",
    "put_merchants",
    "remove",
    "require_may_leave",
    "review",
    "revoke",
    "set_permissions",
    "set_platform_staff",
    "sole_ownerships",
    "update_merchant",
    "work",
]
