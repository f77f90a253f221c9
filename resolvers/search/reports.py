"""How search did, for the platform's staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Date, DateTime, Float, bindparam, cast, func, select, true

from core.clock import now
from core.db import Query, Row
from core.errors import BadUserInput
from core.identity import Permission
from models.analytics import ShopperEvent, ShopperEventKind
from models.search import SearchDeadLetter, SearchedQuery
from resolvers.context import RequestContext
from services.search import OTHERS

USUAL_DAYS: Final = 30
MAX_DAYS: Final = 366
MAX_QUERIES: Final = 100

_since, _until = bindparam("since", type_=Date()), bindparam("until", type_=Date())
_size = bindparam("size", type_=BigInteger())
_in_time = SearchedQuery.day.between(_since, _until)


def _sum(column: Any) -> Any:
    return cast(func.coalesce(func.sum(column), 0), BigInteger).label(column.name)


_click = (
    ShopperEvent.kind == ShopperEventKind.CLICK,
    ShopperEvent.received_at >= bindparam("begins", type_=DateTime(timezone=True)),
    ShopperEvent.received_at < bindparam("ends", type_=DateTime(timezone=True)),
)
_figures = (
    func.count().label("clicks"),
    cast(func.avg(ShopperEvent.rank), Float).label("average_click_rank"),
)
_clicks = select(*_figures).where(ShopperEvent.query.is_not(None), *_click).subquery("clicks")
_letters = select(func.count()).select_from(SearchDeadLetter).scalar_subquery()
_sums = (
    select(
        _sum(SearchedQuery.searches),
        _sum(SearchedQuery.without_results),
        _sum(SearchedQuery.degraded),
        _sum(SearchedQuery.took_ms),
    )
    .where(_in_time)
    .subquery("sums")
)
TOTALS: Final = Query(
    select(*_sums.c, *_clicks.c, _letters.label("dead_letters")).select_from(
        _sums.join(_clicks, true())
    )
)


def _listed(grouped: Any, column: Any) -> Query:
    """The queries with the largest sums of a column, with their clicks."""
    sums = func.sum(column).desc()
    most = grouped.order_by(sums, SearchedQuery.query).limit(_size).subquery("most")
    clicked = select(*_figures).where(ShopperEvent.query == most.c.query, *_click).lateral("own")
    whole = select(*most.c, *clicked.c).select_from(most.join(clicked, true()))
    return Query(whole.order_by(most.c[column.name].desc(), most.c.query))


_grouped = (
    select(
        SearchedQuery.query,
        _sum(SearchedQuery.searches),
        _sum(SearchedQuery.without_results),
        _sum(SearchedQuery.took_ms),
    )
    .where(_in_time, SearchedQuery.query != OTHERS)
    .group_by(SearchedQuery.query)
)
_fruitless = _grouped.having(func.sum(SearchedQuery.without_results) > 0)
TOP: Final = _listed(_grouped, SearchedQuery.searches)
FRUITLESS: Final = _listed(_fruitless, SearchedQuery.without_results)


@dataclass(frozen=True, slots=True)
class Report:
    """The days that it is about, both included."""

    since: date
    until: date


def report(ctx: RequestContext, since: datetime | None, until: datetime | None) -> Report | None:
    """None for those who work for merchants only. Raises: BadUserInput for an odd time."""
    if ctx.caller.merchants(Permission.VIEW_ANALYTICS) is not None:
        return None
    last = (until or now()).date()
    first = since.date() if since else last - min(timedelta(USUAL_DAYS - 1), last - date.min)
    if not 0 <= (last - first).days < MAX_DAYS:
        raise BadUserInput(f"A report is about 1 to {MAX_DAYS} days.")
    return Report(first, last)


async def totals(ctx: RequestContext, asked: Report) -> Row:
    [row] = await ctx.fetch(TOTALS, **_times(asked))
    return row


def _times(asked: Report) -> dict[str, Any]:
    """Days, and the same as moments."""
    begins = datetime.combine(asked.since, datetime.min.time(), UTC)
    days = asked.until - asked.since + timedelta(1)
    return {
        "since": asked.since,
        "until": asked.until,
        "begins": begins,
        "ends": min(begins, datetime.max.replace(tzinfo=UTC) - days) + days,
    }


async def queries(
    ctx: RequestContext, asked: Report, size: int, *, is_fruitless: bool
) -> Sequence[Row]:
    """Raises: BadUserInput for too many."""
    if not 0 <= size <= MAX_QUERIES:
        raise BadUserInput(f"first must be between 0 and {MAX_QUERIES}.")
    statement = FRUITLESS if is_fruitless else TOP
    return await ctx.fetch(statement, size=size, **_times(asked))
