"""Customers, as staff sees them: their groups, and whether their account is open."""

from services.customers.activity import set_active
from services.customers.errors import TooManyGroups
from services.customers.groups import MAX_MEMBERS_AT_ONCE, GroupChange, save_group
from services.customers.personal import erase_person, personal_data

__all__ = [
    "MAX_MEMBERS_AT_ONCE",
    "GroupChange",
    "TooManyGroups",
    "erase_person",
    "personal_data",
    "save_group",
    "set_active",
]
