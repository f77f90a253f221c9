"""Refusals: what a service raises when a rule says no. Leaving the transaction undoes everything.

DomainError
├── NotFound             unknown, foreign or malformed id: not yours is not there
├── InvalidInput         a value that no state of the shop would accept
├── VersionConflict      somebody changed the object since the caller read it
├── IdempotencyConflict  the key was used with another input
└── … services/<domain>/errors.py: facts of one domain
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID


@dataclass(eq=False, kw_only=True)
class DomainError(Exception):
    """A typed refusal. `path` names the input field, `("lines", "0", "quantity")`, if there is one.

    The attributes are the facts that clients get; none of them may be a secret.
    """

    path: tuple[str, ...] | None = None

    @property
    def message(self) -> str:
        """A whole sentence for a person."""
        raise NotImplementedError(type(self).__name__)

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False, kw_only=True)
class NotFound(DomainError):
    """kind: the name of the GraphQL type; id: what was asked for, as the caller wrote it."""

    kind: str
    id: UUID | str | None = None

    @property
    def message(self) -> str:
        return f"There is no such {self.kind}."


@dataclass(eq=False, kw_only=True)
class InvalidInput(DomainError):
    """problem: what is wrong, as a sentence for a person; `path` says where."""

    problem: str
    path: tuple[str, ...] | None = field(default=None)

    @property
    def message(self) -> str:
        return self.problem


@dataclass(eq=False, kw_only=True)
class VersionConflict(DomainError):
    current_version: int

    @property
    def message(self) -> str:
        return "Somebody else changed this in the meantime; read it again."


@dataclass(eq=False, kw_only=True)
class IdempotencyConflict(DomainError):
    @property
    def message(self) -> str:
        return "This idempotency key was used before, with another input."


class Refusals(Exception):
    """More than one refusal at the same time: each line of a cart whose price changed."""

    def __init__(self, refusals: Sequence[DomainError]) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.refusals = refusals


class Shown(Exception):
    """An error of a whole field whose message clients may read; `code` goes into `extensions`.

    facts: what else goes there, by the names that clients know.
    """

    code: ClassVar[str]
    facts: Mapping[str, Any] = MappingProxyType({})


class BadUserInput(Shown):
    """A malformed argument of a query: a forged cursor, `first: 101`."""

    code = "BAD_USER_INPUT"


class Unavailable(Shown):
    """A part that the request needs is down or too slow: try again later."""

    code = "UNAVAILABLE"
