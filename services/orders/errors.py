"""Why an order says no."""

from dataclasses import dataclass

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class NotAllowedInState(DomainError):
    """kind: the type of the object; state: its status, which does not allow this."""

    kind: str
    state: str

    @property
    def message(self) -> str:
        return f"This can't be done while the {self.kind} is {self.state}."
