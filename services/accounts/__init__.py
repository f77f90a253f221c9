"""Accounts: users, guests, their sign-ins and addresses."""

from services.accounts import proofs
from services.accounts.address_book import (
    DEFAULTS,
    MAX_ADDRESSES,
    delete_address,
    upsert_address,
)
from services.accounts.addresses import checked_address
from services.accounts.closing import Due, close_account, next_to_erase, postpone_erasure
from services.accounts.credentials import (
    MAX_EMAIL,
    MAX_PASSWORD,
    Credentials,
    check_password,
    checked_email,
    credentials_of_email,
    credentials_of_user,
    keep_better_hash,
    tried_email,
)
from services.accounts.email_change import (
    confirm_email_change,
    request_email_change,
    undo_email_change,
)
from services.accounts.erasure import erase_person
from services.accounts.errors import (
    EmailTaken,
    GuestTokenInvalid,
    LinkInvalid,
    RefreshTokenInvalid,
    SignInFailed,
    SoleOwner,
    TooManyAddresses,
    WrongPassword,
)
from services.accounts.guests import join_guest, new_guest
from services.accounts.letters import CHANGE_EMAIL, REGISTER, RESET_PASSWORD
from services.accounts.personal import find_copy, offer_copy, personal_data
from services.accounts.recovery import Recovered, request_reset, reset_password
from services.accounts.registration import Applicant, open_account, request_account
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
from services.accounts.tries import try_password
from services.accounts.users import change_password, checked_profile, create_user, update_user
from services.accounts.verification import (
    ask_to_confirm,
    confirm_email,
    request_confirmation,
)

__all__ = [
    "CHANGE_EMAIL",
    "DEFAULTS",
    "GRACE",
    "MAX_ADDRESSES",
    "MAX_EMAIL",
    "MAX_PASSWORD",
    "REGISTER",
    "RESET_PASSWORD",
    "Applicant",
    "Credentials",
    "Due",
    "EmailTaken",
    "GuestTokenInvalid",
    "LinkInvalid",
    "Recovered",
    "RefreshTokenInvalid",
    "SignIn",
    "SignInFailed",
    "SoleOwner",
    "TooManyAddresses",
    "WrongPassword",
    "ask_to_confirm",
    "change_password",
    "check_password",
    "checked_address",
    "checked_email",
    "checked_profile",
    "close_account",
    "confirm_email",
    "confirm_email_change",
    "create_user",
    "credentials_of_email",
    "credentials_of_user",
    "delete_address",
    "delete_ended",
    "end_session",
    "end_sessions",
    "erase_person",
    "find_copy",
    "join_guest",
    "keep_better_hash",
    "new_guest",
    "next_to_erase",
    "offer_copy",
    "open_account",
    "open_session",
    "personal_data",
    "postpone_erasure",
    "proofs",
    "refresh",
    "request_account",
    "request_confirmation",
    "request_email_change",
    "request_reset",
    "reset_password",
    "sign_in",
    "tried_email",
    "try_password",
    "undo_email_change",
    "update_user",
    "upsert_address",
]
