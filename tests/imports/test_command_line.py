"""`python -m tools.import_catalog`: what it says and the status it ends with."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.db import Database
from core.settings import Settings
from models.catalog import Product
from models.merchants import Merchant
from tests.imports.files import Importing, row
from tools.import_catalog import imported, parsed


@pytest.fixture
async def shop(importing: Importing, db: Database, settings: Settings) -> Settings:
    """Settings whose data folder is the test's own; the merchant is called `seller`."""
    async with db.transaction() as session:
        await session.execute(update(Merchant).values(slug="seller"))
    return settings.model_copy(update={"data_dir": importing.data_dir})


async def run(db: Database, shop: Settings, file: Path, *more: str) -> int:
    return await imported(db, shop, parsed([str(file), "--merchant", "seller", *more]))


async def test_a_good_file_goes_in(
    importing: Importing, db: Database, shop: Settings, capsys
) -> None:
    file = importing.jsonl([row(1), row(2)])

    status = await run(db, shop, file, "--create-missing")

    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert out.startswith("Rows taken in: 2; refused: 0; ")
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Product)) == 2


async def test_refused_rows_are_shown_with_where_the_report_is(
    importing: Importing, db: Database, shop: Settings, capsys
) -> None:
    file = importing.data_dir / "rows.csv"
    file.write_text("sku,name,category,price\nA,Lamp,Home,1\nB,Lamp,Home,free\n")

    status = await run(db, shop, file, "--create-missing")

    out, err = capsys.readouterr()
    assert status == 1
    assert out.startswith("Rows taken in: 1; refused: 1; ")
    assert '"line":3,"field":"price"' in err
    assert str(importing.data_dir / "reports") in err


async def test_nothing_is_made_up_without_the_option(
    importing: Importing, db: Database, shop: Settings, capsys
) -> None:
    status = await run(db, shop, importing.jsonl([row(1)]))

    _, err = capsys.readouterr()
    assert status == 2
    assert "There is no such category." in err


async def test_a_merchant_that_is_not_there(
    importing: Importing, db: Database, shop: Settings, capsys
) -> None:
    arguments = parsed([str(importing.jsonl([row(1)])), "--merchant", "nobody"])

    status = await imported(db, shop, arguments)

    assert (status, capsys.readouterr().err) == (2, "There is no merchant 'nobody'.\n")
