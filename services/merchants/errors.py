"""Why merchants and their staff are told no."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class NotAllowedInState(DomainError):
    """kind: the type of the object; state: its status, which does not allow this.

    possible: what can be done instead, as callers name it.
    """

    kind: str
    state: str
    possible: Sequence[str] = ()

    @property
    def message(self) -> str:
        refused = f"This can't be done while the {self.kind} is {self.state}."
        return f"{refused} Possible now: {', '.join(self.possible)}." if self.possible else refused


@dataclass(eq=False, kw_only=True)
class TooManyApplications(DomainError):
    """The caller waits for the answer to as many applications as one may."""

    maximum: int

    @property
    def message(self) -> str:
        return f"At most {self.maximum} applications may wait for an answer."


@dataclass(eq=False, kw_only=True)
class TooManyInvitations(DomainError):
    """The merchant waits for as many answers as it may."""

    maximum: int

    @property
    def message(self) -> str:
        return f"At most {self.maximum} invitations may wait for an answer."


@dataclass(eq=False, kw_only=True)
class InvitationInvalid(DomainError):
    """Unknown, for another address, expired, used, revoked, or its sender lost the right to it."""

    @property
    def message(self) -> str:
        return "This invitation is not for you, or not good any more."


@dataclass(eq=False, kw_only=True)
class EmailUnverified(DomainError):
    """Nobody has shown that the address of the caller's account is theirs."""

    @property
    def message(self) -> str:
        return "Confirm your e-mail address first."


@dataclass(eq=False, kw_only=True)
class OwnerRequired(DomainError):
    """Owners are made and unmade by owners only, or by who holds all that they hold everywhere."""

    @property
    def message(self) -> str:
        return "Only an owner can do this."


@dataclass(eq=False, kw_only=True)
class LastOwner(DomainError):
    """Somebody has to own the merchant: make another owner first."""

    @property
    def message(self) -> str:
        return "The last owner can't go; make another one first."


@dataclass(eq=False, kw_only=True)
class LastStaffManager(DomainError):
    """Somebody has to manage the platform's staff: give somebody else the permission first."""

    @property
    def message(self) -> str:
        return "The last one who manages the platform's staff can't go."
