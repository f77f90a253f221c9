"""Why an order says no, on the wire."""

import strawberry

from engine.declare import column
from schema.errors import UserError, shown
from services import orders


@shown(orders.NotAllowedInState)
@strawberry.type(description="The object is in a state that does not allow this.")
class NotAllowedInState(UserError):
    kind: str = column(str, description="The type of the object: `Order`.")
    state: str = column(str, description="The state it is in.")
