"""What staff sends about warehouses and stock."""

import strawberry

from schema.accounts.address import AddressInput, address_values
from schema.ids import required
from schema.inventory.enums import WarehouseKind
from services.inventory import Adjustment, WarehouseDraft


@strawberry.input(description="One stock level to correct: say `delta`, `setTo`, `safetyStock`.")
class StockAdjustLineInput:
    warehouse_id: strawberry.ID = strawberry.field(description="Where; it must be active.")
    variant_id: strawberry.ID = strawberry.field(description="Of what; of the same merchant.")
    delta: int | None = strawberry.field(
        default=None, description="Units that came; below zero: that went. At most 1,000,000,000."
    )
    set_to: int | None = strawberry.field(
        default=None, description="Units that lie there, as counted; instead of `delta`."
    )
    change_from_quantity: int | None = strawberry.field(
        default=None,
        description="Refuse unless so many units lie there: nobody moved any since the count.",
    )
    safety_stock: int | None = strawberry.field(
        default=None, description="With fewer available than this, the level is low; 0 or more."
    )


@strawberry.input(description="Which stock levels to correct, and why.")
class StockAdjustInput:
    idempotency_key: str = strawberry.field(
        description=(
            "Made by the client, new for each thing it wants done, the same when it sends the"
            " same again: a repetition changes nothing. 1 to 255 characters."
        )
    )
    reason: str = strawberry.field(
        description="Why, for the record of movements: 1 to 200 characters."
    )
    lines: list[StockAdjustLineInput] = strawberry.field(
        description="1 to 100, each level at most once."
    )


@strawberry.input(description="What a warehouse shall be; what is left out stays as it is.")
class WarehouseUpsertInput:
    merchant_id: strawberry.ID = strawberry.field(description="Whose it is.")
    code: str = strawberry.field(
        description=(
            "Names it for good: 1 to 40 letters, digits, dots, hyphens or underscores. A new code"
            " makes a new warehouse."
        )
    )
    name: str | None = strawberry.field(
        default=None, description="1 to 100 characters; a new one needs it."
    )
    kind: WarehouseKind | None = strawberry.field(
        default=None, description="WAREHOUSE for a new one if not said."
    )
    address: AddressInput | None = strawberry.field(default=None, description="Where it is.")
    is_pickup_point: bool | None = strawberry.field(
        default=None, description="Whether shoppers may fetch things there."
    )
    is_active: bool | None = strawberry.field(
        default=None, description="False closes it: refused while units lie there."
    )
    priority: int | None = strawberry.field(
        default=None, description="0 to 1000; lower ones ship first."
    )


def adjustments_of(input: StockAdjustInput) -> list[Adjustment]:
    """Raises: NotFound for ids that are none of ours."""
    return [
        Adjustment(
            warehouse_id=required("Warehouse", line.warehouse_id, "lines", str(n), "warehouseId"),
            variant_id=required("ProductVariant", line.variant_id, "lines", str(n), "variantId"),
            delta=line.delta,
            set_to=line.set_to,
            change_from=line.change_from_quantity,
            safety_stock=line.safety_stock,
        )
        for n, line in enumerate(input.lines)
    ]


def draft_of(input: WarehouseUpsertInput) -> WarehouseDraft:
    return WarehouseDraft(
        name=input.name,
        kind=input.kind,
        address=address_values(input.address) if input.address else None,
        is_pickup_point=input.is_pickup_point,
        is_active=input.is_active,
        priority=input.priority,
    )
