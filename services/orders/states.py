"""Which moves an order may make."""

from collections.abc import Mapping
from typing import Final

from models.orders import OrderStatus as S
from services.orders.errors import NotAllowedInState

NEXT: Final[Mapping[S, frozenset[S]]] = {
    S.PENDING_PAYMENT: frozenset({S.PAID, S.CANCELLED, S.EXPIRED}),
    S.PAID: frozenset({S.CONFIRMED, S.PARTIALLY_SHIPPED, S.SHIPPED, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.PARTIALLY_SHIPPED, S.SHIPPED, S.CANCELLED}),
    S.PARTIALLY_SHIPPED: frozenset({S.PARTIALLY_SHIPPED, S.SHIPPED}),
    S.SHIPPED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset({S.COMPLETED}),
    S.COMPLETED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset({S.PAID}),  # a payment that came too late, while the goods were there
}
SHIPPABLE: Final = frozenset({S.PAID, S.CONFIRMED, S.PARTIALLY_SHIPPED})


def require(current: str, target: S) -> None:
    """Raises: NotAllowedInState unless the order may move from `current` to `target`."""
    if target not in NEXT[S(current)]:
        raise NotAllowedInState(kind="Order", state=current)
