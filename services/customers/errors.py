"""Why staff is told no about customers."""

from dataclasses import dataclass

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class TooManyGroups(DomainError):
    maximum: int

    @property
    def message(self) -> str:
        return f"There may be at most {self.maximum} groups."
