"""What shipments ask of orders, which are another group: the front door of `services.orders`."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


class ShippableLine(Protocol):
    """remaining: units bought and not known to have been shipped."""

    @property
    def variant_id(self) -> UUID: ...

    @property
    def remaining(self) -> int: ...


class ShippableOrder(Protocol):
    """An order of which something may still be sent.

    carrier_code: of the delivery that the shopper chose.
    phone_digits: the last four of the recipient's telephone; empty when there is none.
    lines: order line id -> what was bought.
    """

    @property
    def order_id(self) -> UUID: ...

    @property
    def merchant_id(self) -> UUID: ...

    @property
    def owner_id(self) -> UUID: ...

    @property
    def carrier_code(self) -> str: ...

    @property
    def phone_digits(self) -> str: ...

    @property
    def lines(self) -> Mapping[UUID, ShippableLine]: ...


class OrdersDoor(Protocol):
    """Each of these is called in a transaction of its own and may be repeated at any time."""

    async def shippable(
        self, session: AsyncSession, *, order_id: UUID, merchants: Sequence[UUID] | None
    ) -> ShippableOrder:
        """The facts of an order of one of these merchants; None: of any.

        Raises: NotFound; a refusal that says why nothing of it can be sent now.
        """

    async def mark_shipped(
        self,
        session: AsyncSession,
        *,
        order_id: UUID,
        shipment_id: UUID,
        lines: Mapping[UUID, int],
        actor_id: UUID | None,
    ) -> None:
        """Count units as shipped and take them out of stock; once per shipment."""

    async def mark_delivered(
        self, session: AsyncSession, *, order_id: UUID, shipment_id: UUID, is_last: bool
    ) -> None:
        """Note that a shipment arrived, perhaps the last one under way; once per shipment."""
