"""Holding, releasing, cancelling, redirecting shipments, and numbering their parcels."""

from typing import Any

import pytest
from sqlalchemy import select

from core.db import Database
from core.ids import encode, new_id
from models.shipments import Shipment
from tests.factories.shipments import make_carrier
from tests.shipments.steps import Sale


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


async def version(db: Database) -> int:
    async with db.transaction() as session:
        found = await session.scalar(select(Shipment.version))
        assert found is not None
        return found


async def test_what_is_on_hold_does_not_leave_until_it_is_released(sale: Sale) -> None:
    shipment = await sale.created(1)

    held = await sale.update(shipment, action="HOLD")
    again = await sale.update(shipment, action="HOLD")
    refused = await sale.dispatch(shipment)
    released = await sale.update(shipment, action="RELEASE")
    sent = await sale.dispatch(shipment)

    assert held["shipment"]["status"] == "ON_HOLD"
    assert again["shipment"]["version"] == held["shipment"]["version"]
    assert codes(refused) == ["NOT_ALLOWED_IN_STATE"]
    assert released["shipment"]["status"] == "CREATED"
    assert sent["shipment"]["status"] == "DISPATCHED"


async def test_a_cancelled_shipment_frees_its_units(sale: Sale) -> None:
    shipment = await sale.created(3)

    cancelled = await sale.update(shipment, action="CANCEL")
    instead = await sale.create(3)

    assert cancelled["shipment"]["status"] == "CANCELLED"
    assert instead["userErrors"] == []
    assert codes(await sale.dispatch(shipment)) == ["NOT_ALLOWED_IN_STATE"]


async def test_another_carrier_takes_the_parcels_without_the_old_numbers(
    db: Database, sale: Sale
) -> None:
    async with db.transaction() as session:
        await make_carrier(session, "alpha-post")
    numbered = [{"trackingNumber": "PX-11"}, {"trackingNumber": "PX-22"}]
    shipment = await sale.created(1, service="express", parcels=numbered)

    changed = await sale.update(
        shipment,
        carrierCode="alpha-post",
        trackingNumbers=[{"parcelId": shipment["parcels"][1]["id"], "trackingNumber": "AP-22"}],
    )

    assert changed["userErrors"] == []
    assert changed["shipment"]["carrier"] == {"code": "alpha-post"}
    assert changed["shipment"]["service"] == ""
    assert [parcel["trackingNumber"] for parcel in changed["shipment"]["parcels"]] == [
        None,
        "AP-22",
    ]


@pytest.mark.parametrize("change", [{"action": "HOLD"}, {"carrierCode": "alpha-post"}])
async def test_it_is_too_late_after_the_dispatch(
    db: Database, sale: Sale, change: dict[str, Any]
) -> None:
    async with db.transaction() as session:
        await make_carrier(session, "alpha-post")
    shipment = await sale.created(1)
    await sale.dispatch(shipment)
    before = await version(db)

    refused = await sale.update(shipment, **change)

    assert codes(refused) == ["NOT_ALLOWED_IN_STATE"]
    assert await version(db) == before


async def test_a_parcel_is_numbered_and_expected_after_the_dispatch(sale: Sale) -> None:
    shipment = await sale.created(1)
    await sale.dispatch(shipment)
    number = {"parcelId": shipment["parcels"][0]["id"], "trackingNumber": "PX-77"}

    changed = await sale.update(
        shipment, trackingNumbers=[number], estimatedDeliveryAt="2026-12-01T12:00:00Z"
    )

    assert changed["userErrors"] == []
    assert changed["shipment"]["parcels"][0]["trackingNumber"] == "PX-77"


async def test_a_changed_shipment_is_not_changed_by_those_who_read_it_before(
    db: Database, sale: Sale
) -> None:
    shipment = await sale.created(1)
    await sale.update(shipment, action="HOLD", expectedVersion=shipment["version"])

    refused = await sale.update(shipment, action="CANCEL", expectedVersion=shipment["version"])

    assert codes(refused) == ["VERSION_CONFLICT"]
    assert await version(db) == shipment["version"] + 1


async def test_numbers_that_others_have_and_parcels_of_others_are_refused(
    db: Database, sale: Sale
) -> None:
    other = await sale.created(1, parcels=[{"trackingNumber": "PX-55"}])
    shipment = await sale.created(1)
    own = shipment["parcels"][0]["id"]
    attempts = [
        [{"parcelId": own, "trackingNumber": "PX-55"}],
        [{"parcelId": other["parcels"][0]["id"], "trackingNumber": "PX-66"}],
        [{"parcelId": encode("parcel", new_id()), "trackingNumber": "PX-66"}],
        [{"parcelId": own, "trackingNumber": "!"}],
    ]

    refused = [await sale.update(shipment, trackingNumbers=each) for each in attempts]

    assert [codes(each) for each in refused] == [
        ["TRACKING_NUMBER_TAKEN"],
        ["NOT_FOUND"],
        ["NOT_FOUND"],
        ["INVALID_INPUT"],
    ]
    seen = await sale.staff(
        "query($id: ID!) {shipment(id: $id) {version parcels {trackingNumber}}}", id=shipment["id"]
    )
    assert seen == {
        "shipment": {"version": shipment["version"], "parcels": [{"trackingNumber": None}]}
    }
