"""The steps of a parcel, as a merchant's console and a carrier's adapter would take them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auth.tokens import Tokens
from core.db import Database
from core.ids import decode
from models.merchants import Merchant
from services import orders
from tests.asking import Ask
from tests.factories.accounts import make_staff, sign_in
from tests.factories.shipments import make_carrier
from tests.factories.shops import Stall, make_stall
from tests.shopping import new_key, place

SHIPMENT = "id number status version dispatchedAt deliveredAt"
ERRORS = "userErrors { __typename code message field ... on OverShipment { requested remaining } }"
CREATE = f"""mutation($input: ShipmentCreateInput!) {{ shipmentCreate(input: $input) {{
  shipment {{ {SHIPMENT} lines {{ orderLineId quantity }} parcels {{ id trackingNumber trackingUrl }} }}
  {ERRORS} }} }}"""
UPDATE = f"""mutation($input: ShipmentUpdateInput!) {{ shipmentUpdate(input: $input) {{
  shipment {{ {SHIPMENT} service carrier {{ code }} parcels {{ id trackingNumber }} }} {ERRORS} }} }}"""
DISPATCH = f"""mutation($input: ShipmentDispatchInput!) {{ shipmentDispatch(input: $input) {{
  shipment {{ {SHIPMENT} }} {ERRORS} }} }}"""
REPORT = f"""mutation($input: TrackingEventReportInput!) {{ trackingEventReport(input: $input) {{
  shipment {{ {SHIPMENT} events {{ status }} }} {ERRORS} }} }}"""
ORDER = """query($id: ID!) { order(by: {id: $id}) {
  status events { kind } lines { id quantity quantityShipped } } }"""


@dataclass
class Sale:
    """A paid order of one line, and who may do what with it."""

    stall: Stall
    shopper: Ask
    staff: Ask
    order: str
    line: str

    @property
    def order_id(self) -> UUID:
        found = decode("order", self.order)
        assert found is not None
        return found

    async def create(self, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """The payload of shipmentCreate."""
        details = {
            "idempotencyKey": new_key(),
            "orderId": self.order,
            "lines": [{"orderLineId": self.line, "quantity": quantity}],
            "parcels": [{"weightGrams": 500}],
        }
        made = await self.staff(CREATE, input=details | more)
        payload: dict[str, Any] = made["shipmentCreate"]
        return payload

    async def created(self, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """A new shipment."""
        payload = await self.create(quantity, **more)
        assert payload["userErrors"] == []
        shipment: dict[str, Any] = payload["shipment"]
        return shipment

    async def update(self, shipment: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The payload of shipmentUpdate."""
        made = await self.staff(UPDATE, input={"shipmentId": shipment["id"], **changes})
        payload: dict[str, Any] = made["shipmentUpdate"]
        return payload

    async def dispatch(self, shipment: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """The payload of shipmentDispatch."""
        details = {"idempotencyKey": key or new_key(), "shipmentId": shipment["id"]}
        made = await self.staff(DISPATCH, input=details)
        payload: dict[str, Any] = made["shipmentDispatch"]
        return payload

    async def report(
        self, of: dict[str, Any], status: str, happened_at: str, **more: Any
    ) -> dict[str, Any]:
        """The payload of trackingEventReport."""
        details = {
            "idempotencyKey": new_key(),
            "of": of,
            "status": status,
            "happenedAt": happened_at,
        }
        made = await self.staff(REPORT, input=details | more)
        payload: dict[str, Any] = made["trackingEventReport"]
        return payload

    async def look(self) -> dict[str, Any]:
        """The order, as its shopper sees it."""
        found: dict[str, Any] = (await self.shopper(ORDER, id=self.order))["order"]
        return found


async def make_sale(db: Database, ask: Ask, tokens: Tokens, *, quantity: int = 3) -> Sale:
    """A guest bought units of one variant and paid; somebody sends the merchant's parcels."""
    async with db.transaction() as session:
        stall = await make_stall(session)
        await make_carrier(session)
        staff = await staff_of(session, stall.merchant, ask, tokens)
    shopper, group = await place(ask, stall, quantity=quantity)
    group_id = decode("ordergroup", group["id"])
    assert group_id is not None
    async with db.transaction() as session:
        await orders.settle(session, group_id=group_id, paid_minor=quantity * 1_000 + 500)
    order = group["orders"][0]["id"]
    lines = (await shopper(ORDER, id=order))["order"]["lines"]
    return Sale(stall, shopper, staff, order, lines[0]["id"])


async def staff_of(session: Any, merchant: Merchant, ask: Ask, tokens: Tokens) -> Ask:
    """Somebody who sends the merchant's parcels asks."""
    user = await make_staff(session, merchant, "MANAGE_SHIPMENTS")
    return ask.as_(await sign_in(session, tokens, user))
