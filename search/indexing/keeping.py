"""What PostgreSQL has for Elasticsearch, and what it remembers of its answers."""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    column,
    delete,
    func,
    join,
    literal_column,
    null,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, Query, Reader, Row
from models.search import VERSIONS, SearchDeadLetter, SearchDocument, SearchPush
from search.indexing.bulk import Kept, Outcome
from services.recordset import table_of

PAGE: Final = 500
PAGE_BYTES: Final = 4_000_000  # as stored, that is compressed
FIRST: Final = UUID(int=0)

log = logging.getLogger("search")


async def waiting(reader: Reader) -> list[Kept]:
    """The next documents to be pushed, the oldest change first."""
    return _kept(await reader.fetch(_WAITING))


async def listed(reader: Reader) -> AsyncIterator[list[Kept]]:
    """All documents that are found, page by page."""
    after = FIRST
    while page := _kept(await reader.fetch(_LISTED, after=after)):
        yield page
        after = page[-1].product_id


async def changed(reader: Reader, *, since: int, until: int) -> AsyncIterator[list[Kept]]:
    """What has a version after `since` up to `until`, tombstones too."""
    while page := _kept(await reader.fetch(_CHANGED, since=since, until=until)):
        yield page
        since = page[-1].version


def _kept(rows: Sequence[Row]) -> list[Kept]:
    return [Kept(row["product_id"], row["version"], row["document"]) for row in rows]


async def settle(db: Database, outcome: Outcome) -> None:
    """Nothing of what was taken or refused waits any more, in this version; three statements."""
    async with db.transaction() as session:
        done = [*outcome.taken, *(kept for kept, _ in outcome.refused)]
        await session.execute(_DONE, _columns(done))
        await _remember(session, outcome)


async def remember(db: Database, outcome: Outcome) -> None:
    """Which documents were refused, and which are not any more; two statements."""
    async with db.transaction() as session:
        await _remember(session, outcome)


async def _remember(session: AsyncSession, outcome: Outcome) -> None:
    await session.execute(_ALIVE, {"products": [kept.product_id for kept in outcome.taken]})
    for kept, reason in outcome.refused:
        log.error("document refused", extra={"object_id": kept.product_id.hex, "reason": reason})
    if outcome.refused:
        columns = _columns([kept for kept, _ in outcome.refused])
        reasons = [reason for _, reason in outcome.refused]
        await session.execute(_DEAD, {**columns, "reasons": reasons})


def _columns(documents: Sequence[Kept]) -> dict[str, list[Any]]:
    return {
        "products": [kept.product_id for kept in documents],
        "versions": [kept.version for kept in documents],
    }


async def oldest_push(reader: Reader) -> int | None:
    """The lowest version that waits to be pushed."""
    rows = await reader.fetch(_OLDEST)
    oldest: int | None = rows[0]["version"]
    return oldest


async def newest_version(reader: Reader) -> int:
    """The last one that was given away, perhaps not committed yet."""
    rows = await reader.fetch(_NEWEST)
    return int(rows[0]["version"])


async def count_listed(reader: Reader) -> int:
    rows = await reader.fetch(_COUNT)
    return int(rows[0]["count"])


async def count_refused(reader: Reader) -> int:
    """Of the documents as they are now."""
    rows = await reader.fetch(_COUNT_REFUSED)
    return int(rows[0]["count"])


def _page(place: Any, *where: Any, source: Any = SearchDocument) -> Query:
    """The next rows in the order of `place`, as many as are not too large together."""
    rows = (
        select(
            SearchDocument.product_id,
            SearchDocument.version,
            case((SearchDocument.is_listed, SearchDocument.document), else_=null()).label(
                "document"
            ),
            place.label("place"),
        )
        .select_from(source)
        .where(*where)
        .order_by(place)
        .limit(literal_column(str(PAGE)))
        .subquery("rows")
    )
    size = func.coalesce(func.pg_column_size(rows.c.document), 0)
    before = func.sum(size).over(order_by=rows.c.place) - size
    sized = select(rows, before.label("before")).subquery("sized")
    return Query(
        select(sized.c.product_id, sized.c.version, sized.c.document)
        .where(sized.c.before < PAGE_BYTES)
        .order_by(sized.c.place)
    )


_WAITING: Final = _page(
    SearchPush.version,
    source=join(SearchPush, SearchDocument, SearchPush.product_id == SearchDocument.product_id),
)
_LISTED: Final = _page(
    SearchDocument.product_id,
    SearchDocument.product_id > bindparam("after", type_=Uuid()),
    SearchDocument.is_listed,
)
_CHANGED: Final = _page(
    SearchDocument.version,
    SearchDocument.version > bindparam("since", type_=BigInteger()),
    SearchDocument.version <= bindparam("until", type_=BigInteger()),
)
_OLDEST: Final = Query(select(func.min(SearchPush.version).label("version")))
_NEWEST: Final = Query(
    select(column("last_value").label("version")).select_from(table(VERSIONS.name))
)
_COUNT: Final = Query(
    select(func.count().label("count")).select_from(SearchDocument).where(SearchDocument.is_listed)
)
_COUNT_REFUSED: Final = Query(
    select(func.count().label("count"))
    .select_from(SearchDeadLetter)
    .join(SearchDocument, SearchDocument.product_id == SearchDeadLetter.product_id)
    .where(SearchDocument.is_listed, SearchDocument.version == SearchDeadLetter.version)
)

_PRODUCTS: Final = bindparam("products", type_=ARRAY(Uuid()))
_VERSIONS: Final = bindparam("versions", type_=ARRAY(BigInteger()))
_sent = (
    func.unnest(_PRODUCTS, _VERSIONS)
    .table_valued(column("product_id", Uuid()), column("version", BigInteger()))
    .render_derived(name="sent")
)
_DONE: Final = (
    delete(SearchPush)
    .where(SearchPush.product_id == _sent.c.product_id, SearchPush.version <= _sent.c.version)
    .execution_options(synchronize_session=False)
)
_ALIVE: Final = delete(SearchDeadLetter).where(SearchDeadLetter.product_id == any_(_PRODUCTS))
_refused = (
    func.unnest(_PRODUCTS, _VERSIONS, bindparam("reasons", type_=ARRAY(Text())))
    .table_valued(
        column("product_id", Uuid()), column("version", BigInteger()), column("reason", Text())
    )
    .render_derived(name="refused")
)
_dead = insert(table_of(SearchDeadLetter)).from_select(
    ["product_id", "version", "reason"],
    select(_refused.c.product_id, _refused.c.version, _refused.c.reason),
    include_defaults=False,
)
_DEAD: Final = _dead.on_conflict_do_update(
    index_elements=["product_id"],
    set_={
        "version": _dead.excluded.version,
        "reason": _dead.excluded.reason,
        "created_at": func.now(),
    },
)
