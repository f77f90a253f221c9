"""docs/PERMISSIONS.md: what a review reads of access is what the code does."""

from pathlib import Path
from typing import Any

import strawberry

from core.identity import Permission
from engine.declare import column, root
from engine.executor import Engine, build_schema
from schema.access import ANYONE, SIGNED_IN, staff
from tools import export_permissions


@strawberry.type(directives=[SIGNED_IN])
class Parcel:
    id: strawberry.ID = column(strawberry.ID, description="Its id.")
    cost: int = column(
        int, description="What it costs.", auth=staff(Permission.MANAGE_SHIPMENTS, of="merchant_id")
    )


@strawberry.type
class Query:
    @root(Parcel | None, auth=ANYONE, description="A parcel.")
    async def parcel(ctx: Any) -> Any:
        return None


def test_the_page_is_what_the_schema_and_the_loaders_say() -> None:
    assert export_permissions.main(["--check"]) == 0, "run `make schema`, then read its diff"


def test_a_stale_page_is_noticed(tmp_path: Path, monkeypatch, capsys) -> None:
    stale = tmp_path / "PERMISSIONS.md"
    stale.write_text(export_permissions.printed().replace("| ANYONE |", "| SIGNED_IN |", 1))
    monkeypatch.setattr(export_permissions, "PAGE", stale)

    status = export_permissions.main(["--check"])

    assert status == 1
    assert "make schema" in capsys.readouterr().err


def test_a_field_narrower_than_its_type_has_a_line_of_its_own() -> None:
    schema = build_schema(Engine(), query=Query)._schema

    lines = export_permissions.page(schema).splitlines()

    assert "| `parcel` | ANYONE | yes | yes | yes | yes | yes |" in lines
    own = [line for line in lines if line.startswith("| `Parcel`")]
    assert own[0].startswith("| `Parcel` | `id` | SIGNED_IN | – | yes | yes | yes | – |")
    assert own[1].startswith(
        "| `Parcel` | `cost` | MANAGE_SHIPMENTS of `merchant_id` | – | – | with it | with it | with it"
    )
    assert len(own) == 2


def test_whose_rows_a_type_shows_comes_from_its_statement() -> None:
    lines = export_permissions.printed().splitlines()

    cart = next(line for line in lines if line.startswith("| `Cart` |"))
    order = next(line for line in lines if line.startswith("| `Order` |"))

    assert cart.endswith("| own |")
    assert "own; MANAGE_ORDERS of its merchant" in order
