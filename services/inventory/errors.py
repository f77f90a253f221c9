"""Why stock is refused."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class OutOfStock(DomainError):
    """Fewer units can be promised than were asked for."""

    variant_id: UUID
    requested: int
    available: int

    @property
    def message(self) -> str:
        return f"Only {self.available} left." if self.available else "It is sold out."


@dataclass(eq=False, kw_only=True)
class StockChanged(DomainError):
    """on_hand: the units that lie there, which are not those the caller knew of."""

    warehouse_id: UUID
    variant_id: UUID
    on_hand: int

    @property
    def message(self) -> str:
        return f"There are {self.on_hand} units by now; count again."


@dataclass(eq=False, kw_only=True)
class StockPromised(DomainError):
    """promised: the units that are held for checkouts or sold; fewer must not be left."""

    warehouse_id: UUID
    variant_id: UUID
    on_hand: int
    promised: int

    @property
    def message(self) -> str:
        return f"Of {self.on_hand} units, {self.promised} are promised to buyers."


@dataclass(eq=False, kw_only=True)
class WarehouseClosed(DomainError):
    warehouse_id: UUID

    @property
    def message(self) -> str:
        return "The warehouse is closed."


@dataclass(eq=False, kw_only=True)
class WarehouseInUse(DomainError):
    """units: how many still lie in what shall be closed."""

    units: int

    @property
    def message(self) -> str:
        return f"{self.units} units lie in this warehouse; move them first."
