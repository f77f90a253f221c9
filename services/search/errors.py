"""Why staff is told no about search."""

from dataclasses import dataclass

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class TooManySearchRules(DomainError):
    maximum: int

    @property
    def message(self) -> str:
        return f"There may be at most {self.maximum} rules; delete one that is not needed any more."
