"""Why the platform refuses."""

from dataclasses import dataclass

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class TooManyJobs(DomainError):
    """maximum: how many unfinished jobs a merchant may have."""

    maximum: int

    @property
    def message(self) -> str:
        return f"At most {self.maximum} imports of a merchant wait at a time."


@dataclass(eq=False, kw_only=True)
class TooManyAppTokens(DomainError):
    """maximum: how many tokens of a merchant may be open."""

    maximum: int

    @property
    def message(self) -> str:
        return f"At most {self.maximum} app tokens of a merchant are open; revoke one first."
