"""Where a shipment stands by what was seen of its parcels: no database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.ids import new_id
from models.shipments import TrackingStatus as T
from services.shipments.states import MEANINGS, Seen, standing

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONE, OTHER = new_id(), new_id()


def seen(status: T, hours: int, parcel: UUID | None = None) -> Seen:
    return Seen(parcel, status, NOON + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([], "DISPATCHED"),
        ([seen(T.LABEL_CREATED, 0), seen(T.UNKNOWN, 1)], "DISPATCHED"),
        ([seen(T.PICKED_UP, 0), seen(T.CUSTOMS, 1)], "IN_TRANSIT"),
        ([seen(T.OUT_FOR_DELIVERY, 1), seen(T.IN_TRANSIT, 0)], "OUT_FOR_DELIVERY"),
        ([seen(T.DELIVERED, 1), seen(T.IN_TRANSIT, 0)], "DELIVERED"),
        ([seen(T.DELIVERED, 1), seen(T.IN_TRANSIT, 2)], "DELIVERED"),
        ([seen(T.DELIVERED, 1), seen(T.RETURNING, 2)], "EXCEPTION"),
        ([seen(T.DELIVERED, 1), seen(T.RETURNED, 2)], "RETURNED"),
        ([seen(T.EXCEPTION, 0), seen(T.IN_TRANSIT, 1)], "IN_TRANSIT"),
    ],
)
def test_the_event_that_happened_last_decides(events: list[Seen], status: str) -> None:
    assert standing([ONE], events).status == status


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        (T.DELIVERED, T.DELIVERED, "DELIVERED"),
        (T.DELIVERED, T.IN_TRANSIT, "IN_TRANSIT"),
        (T.DELIVERED, T.UNKNOWN, "DISPATCHED"),
        (T.DELIVERED, T.EXCEPTION, "EXCEPTION"),
        (T.RETURNED, T.RETURNED, "RETURNED"),
        (T.RETURNED, T.DELIVERED, "EXCEPTION"),
    ],
)
def test_the_slowest_parcel_decides(one: T, other: T, status: str) -> None:
    events = [seen(one, 0, ONE), seen(other, 0, OTHER)]

    assert standing([ONE, OTHER], events).status == status


def test_it_arrived_when_its_last_parcel_did() -> None:
    events = [seen(T.DELIVERED, 5, ONE), seen(T.DELIVERED, 3, OTHER)]

    assert standing([ONE, OTHER], events).delivered_at == NOON + timedelta(hours=5)
    assert standing([ONE, OTHER], events[:1]).delivered_at is None


def test_an_event_of_the_whole_shipment_is_true_of_all_parcels() -> None:
    assert standing([ONE, OTHER], [seen(T.DELIVERED, 0)]).status == "DELIVERED"


def test_every_status_means_something_or_says_nothing_about_the_place() -> None:
    assert set(T) - set(MEANINGS) == {T.LABEL_CREATED, T.UNKNOWN}
