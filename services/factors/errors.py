"""Why a sign-in does not go on, or a way to sign in is not changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import DomainError


class SecondFactor(StrEnum):
    TOTP = "TOTP"
    RECOVERY_CODE = "RECOVERY_CODE"
    PASSKEY = "PASSKEY"


@dataclass(eq=False, kw_only=True)
class SecondFactorRequired(DomainError):
    """ticket: names the sign-in that waits, to whoever began it."""

    ticket: str = field(repr=False)
    methods: Sequence[SecondFactor]

    @property
    def message(self) -> str:
        return "The account is protected by a second factor; show that too."


@dataclass(eq=False, kw_only=True)
class SecondFactorFailed(DomainError):
    """Wrong, too old or used before; or the ticket's time or tries are over. Not told which."""

    @property
    def message(self) -> str:
        return "That did not prove who you are. Try another code, or sign in again."


@dataclass(eq=False, kw_only=True)
class RecentSignInRequired(DomainError):
    maximum_age_seconds: int

    @property
    def message(self) -> str:
        return "Sign in again first: how an account is entered is changed only right after that."


@dataclass(eq=False, kw_only=True)
class TotpOn(DomainError):
    @property
    def message(self) -> str:
        return "One-time codes are on already; remove them first to set up another generator."


@dataclass(eq=False, kw_only=True)
class TotpOff(DomainError):
    @property
    def message(self) -> str:
        return "One-time codes are not set up, or the time to confirm them is over."


@dataclass(eq=False, kw_only=True)
class CodeWrong(DomainError):
    @property
    def message(self) -> str:
        return "That is not the code of this moment; is the clock of the device right?"


@dataclass(eq=False, kw_only=True)
class PasskeyRefused(DomainError):
    """Unknown, not verified, for another site, a copy, or an answer to an old question."""

    @property
    def message(self) -> str:
        return "The passkey was not accepted; begin again."


@dataclass(eq=False, kw_only=True)
class TooManyPasskeys(DomainError):
    maximum: int

    @property
    def message(self) -> str:
        return f"An account has at most {self.maximum} passkeys; remove one first."


@dataclass(eq=False, kw_only=True)
class LastWayToSignIn(DomainError):
    @property
    def message(self) -> str:
        return "Without it nobody could sign in to the account; add another way first."


@dataclass(eq=False, kw_only=True)
class PasswordTooWeak(DomainError):
    """warning, suggestions: what to do about it, in English; perhaps empty."""

    warning: str
    suggestions: Sequence[str]

    @property
    def message(self) -> str:
        said = [self.warning, *self.suggestions]
        return " ".join(["The password is easy to guess.", *(each for each in said if each)])


@dataclass(eq=False, kw_only=True)
class ProviderRefused(DomainError):
    """The provider, or what came back from it, is not good; why is in the log."""

    @property
    def message(self) -> str:
        return "Signing in with the provider did not work; begin again."


@dataclass(eq=False, kw_only=True)
class LinkRequired(DomainError):
    """ticket: proves to whoever began the sign-in that the provider's account is theirs."""

    provider: str
    ticket: str = field(repr=False)

    @property
    def message(self) -> str:
        return (
            "Nobody is linked to this account of the provider yet."
            " Sign in to your account, or open one, and link it then."
        )


@dataclass(eq=False, kw_only=True)
class LinkTicketInvalid(DomainError):
    @property
    def message(self) -> str:
        return "The ticket is not valid, or not any more; sign in with the provider again."


@dataclass(eq=False, kw_only=True)
class IdentityTaken(DomainError):
    @property
    def message(self) -> str:
        return "This account of the provider is linked to another account here."


@dataclass(eq=False, kw_only=True)
class ProviderLinked(DomainError):
    @property
    def message(self) -> str:
        return "Another account of this provider is linked already; unlink that first."
