"""Many rows as one parameter: statements whose number does not depend on the number of rows."""

from typing import Any, cast

import orjson
from sqlalchemy import (
    Dialect,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    cast as sql_cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert

from models.base import Base


class Rows(TypeDecorator[Any]):
    """Dictionaries as a JSON text; ids may be asyncpg's own, which orjson does not know."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return orjson.dumps(value, default=str).decode()


def table_of(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


def recordset(model: type[Base], *names: str) -> Any:
    """The parameter `rows`, a list of dictionaries, as a table with these columns of a model."""
    columns = [column(name, table_of(model).c[name].type) for name in names]
    rows = func.jsonb_to_recordset(sql_cast(bindparam("rows", type_=Rows), JSONB))
    return rows.table_valued(*columns).render_derived(name="given", with_types=True)


def insertion(model: type[Base], *names: str) -> Insert:
    """Insert the parameter `rows`; columns not named take what the database gives them."""
    given = recordset(model, *names)
    return insert(table_of(model)).from_select(
        list(names), select(*given.c), include_defaults=False
    )
