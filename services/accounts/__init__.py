"""Accounts: users, guests, their sign-ins and addresses."""

from services.accounts.address_book import (
    DEFAULTS,
    MAX_ADDRESSES,
    delete_address,
    upsert_address,
)
from services.accounts.addresses import checked_address
from services.accounts.credentials import (
    MAX_PASSWORD,
    Credentials,
    check_password,
    checked_email,
    credentials_of_email,
    credentials_of_user,
)
from services.accounts.errors import (
    EmailTaken,
    GuestTokenInvalid,
    RefreshTokenInvalid,
    SignInFailed,
    TooManyAddresses,
    WrongPassword,
)
from services.accounts.guests import join_guest, new_guest
from services.accounts.sessions import (
    GRACE,
    SignIn,
    delete_ended,
    end_session,
    end_sessions,
    open_session,
    refresh,
    sign_in,
)
from services.accounts.users import change_password, create_user, update_user

__all__ = [
    "DEFAULTS",
    "GRACE",
    "MAX_ADDRESSES",
    "MAX_PASSWORD",
    "Credentials",
    "EmailTaken",
    "GuestTokenInvalid",
    "RefreshTokenInvalid",
    "SignIn",
    "SignInFailed",
    "TooManyAddresses",
    "WrongPassword",
    "change_password",
    "check_password",
    "checked_address",
    "checked_email",
    "create_user",
    "credentials_of_email",
    "credentials_of_user",
    "delete_address",
    "delete_ended",
    "end_session",
    "end_sessions",
    "join_guest",
    "new_guest",
    "open_session",
    "refresh",
    "sign_in",
    "update_user",
    "upsert_address",
]
