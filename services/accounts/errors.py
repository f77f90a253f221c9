"""Why an account is not made, entered or changed."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class EmailTaken(DomainError):
    @property
    def message(self) -> str:
        return "There is an account with this e-mail address already; sign in instead."


@dataclass(eq=False, kw_only=True)
class SignInFailed(DomainError):
    """Unknown address, wrong password or closed account: the same to whoever asks."""

    @property
    def message(self) -> str:
        return "E-mail address and password do not belong to an account."


@dataclass(eq=False, kw_only=True)
class WrongPassword(DomainError):
    """Not the account's, or not the one that somebody who opens an account has chosen."""

    @property
    def message(self) -> str:
        return "That is not the password of this account."


@dataclass(eq=False, kw_only=True)
class RefreshTokenInvalid(DomainError):
    """Unknown, used before, expired, or of a sign-in that was ended."""

    @property
    def message(self) -> str:
        return "The refresh token is not valid, or not any more; sign in again."


@dataclass(eq=False, kw_only=True)
class TooManyAddresses(DomainError):
    maximum: int

    @property
    def message(self) -> str:
        return f"An address book has at most {self.maximum} addresses; delete one first."


@dataclass(eq=False, kw_only=True)
class GuestTokenInvalid(DomainError):
    @property
    def message(self) -> str:
        return "This is no token of a guest, or its time is over."


@dataclass(eq=False, kw_only=True)
class LinkInvalid(DomainError):
    """The text behind a link of a letter: unknown, used before, or too old."""

    @property
    def message(self) -> str:
        return "This link is not good, or not any more; ask for a new one."


@dataclass(eq=False, kw_only=True)
class SoleOwner(DomainError):
    """Somebody must be able to look after the merchant's orders."""

    merchant_id: UUID

    @property
    def message(self) -> str:
        return "A merchant has no other owner; make somebody one first."
