"""What is kept of searches, what apps tell, and what the report says."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from starlette.applications import Starlette

from auth.tokens import Tokens
from core.clock import iso, now
from core.db import Database
from core.ids import encode, new_id
from models.analytics import ShopperEvent
from models.search import SearchedQuery
from services import analytics, search
from services.search.searched import MAX_QUERIES, Searched, is_personal
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.search.api.operations import searched
from tests.search.api.scene import Scene

TRACK = """mutation($input: EventTrackInput!) { eventTrack(input: $input) {
  accepted ignored { index reason } userErrors { code field } } }"""
REPORT = """query($from: DateTime, $to: DateTime) { searchReport(from: $from, to: $to) {
  searches withoutResults degraded averageTookMs clicks averageClickRank deadLetters
  topQueries { query searches withoutResults clicks averageClickRank }
  queriesWithoutResults(first: 1) { query searches withoutResults } } }"""


@pytest.fixture
async def analyst(db: Database, ask: Ask, tokens: Tokens) -> Ask:
    async with db.transaction() as session:
        user = await make_user(session, platform=("VIEW_ANALYTICS",))
        return ask.as_(await sign_in(session, tokens, user))


@pytest.fixture
def log(app: Starlette) -> Searched:
    kept: Searched = app.state.shop.searched
    return kept


async def rows_of(cleaner: asyncpg.Connection) -> dict[str, tuple[int, int, int | None]]:
    rows = await cleaner.fetch("SELECT * FROM searched_queries")
    return {
        row["query"]: (row["searches"], row["without_results"], row["last_total"]) for row in rows
    }


async def test_searches_are_counted_once_for_their_first_page(
    ask: Ask, scene: Scene, log: Searched, cleaner: asyncpg.Connection
) -> None:
    page = await searched(ask, "Lamp", first=1)
    await searched(ask, "lamp", first=1, after=page["pageInfo"]["endCursor"])
    await searched(ask, "LAMP ", where={"brands": ["nonsense"]})
    await searched(ask, "zeppelin")
    await searched(ask, "")
    await log.write()
    await searched(ask, "lamp")
    await log.write()

    assert await rows_of(cleaner) == {"lamp": (3, 1, 3), "zeppelin": (1, 1, 0)}


@pytest.mark.parametrize(
    "query",
    [
        "ada@example.org",
        "my mail is ada @ home.org ada@home",
        "+49 170 1234567",
        "(555) 010-4321",
        "4242 4242 4242 4242",
        "card 4242424242424242 please",
        "4006381333931",
    ],
)
async def test_what_looks_like_somebody_s_is_not_kept(
    ask: Ask, scene: Scene, log: Searched, cleaner: asyncpg.Connection, query: str
) -> None:
    assert is_personal(query)

    await searched(ask, query)
    await log.write()

    assert await rows_of(cleaner) == {}


@pytest.mark.parametrize("query", ["lamp 40", "usb 3.2", "iphone 15 pro", "1000 w", "abc-123456"])
def test_numbers_of_things_are_kept(query: str) -> None:
    assert not is_personal(query)


async def test_the_log_is_bounded_and_takes_one_statement(
    log: Searched, cleaner: asyncpg.Connection, clean: None
) -> None:
    facts: dict[str, Any] = {"has_results": True, "total": 1, "took_ms": 1, "is_degraded": False}
    for n in range(MAX_QUERIES + 5):
        log.add(f"query {n}", "en", **facts)
    log.add("a\x00b", "en", **facts)
    log.add("x" * 201, "en", **facts)

    await log.write()

    assert len(await rows_of(cleaner)) == MAX_QUERIES


def click(**given: Any) -> dict[str, Any]:
    return {"kind": "CLICK", "productId": encode("product", new_id()), "query": "Lamp", **given}


async def test_what_is_well_formed_is_kept_and_the_rest_is_named(
    ask: Ask, cleaner: asyncpg.Connection
) -> None:
    tomorrow, long_ago = now() + timedelta(days=1), now() - timedelta(days=8)
    events = [
        click(rank=3),
        {"kind": "SEARCH", "query": " Lamps "},
        {"kind": "VIEW", "productId": encode("product", new_id()), "happenedAt": iso(tomorrow)},
        {"kind": "VIEW"},
        click(rank=0),
        click(rank=100_001),
        click(productId="nonsense"),
        {"kind": "SEARCH"},
        click(query="x" * 201),
        click(happenedAt=iso(long_ago)),
        click(query="ada@example.org"),
    ]

    answer = (await ask(TRACK, input={"events": events}))["eventTrack"]

    assert answer["accepted"] == 4
    assert [each["index"] for each in answer["ignored"]] == [3, 4, 5, 6, 7, 8, 9]
    rows = await cleaner.fetch("SELECT * FROM shopper_events ORDER BY id")
    assert [(row["kind"], row["query"], row["rank"]) for row in rows] == [
        ("CLICK", "lamp", 3),
        ("SEARCH", "lamps", None),
        ("VIEW", None, None),
        ("CLICK", None, None),
    ]
    assert all(row["happened_at"] <= row["received_at"] for row in rows)


@pytest.mark.parametrize("number", [0, 51])
async def test_too_few_and_too_many_events_are_refused(
    ask: Ask, cleaner: asyncpg.Connection, number: int
) -> None:
    answer = (await ask(TRACK, input={"events": [click()] * number}))["eventTrack"]

    assert answer["userErrors"] == [{"code": "INVALID_INPUT", "field": ["events"]}]
    assert (answer["accepted"], answer["ignored"]) == (None, None)
    assert await cleaner.fetchval("SELECT count(*) FROM shopper_events") == 0


async def test_events_take_one_statement_however_many(ask: Ask) -> None:
    one = await ask.statements(TRACK, input={"events": [click()]})
    many = await ask.statements(TRACK, input={"events": [click()] * 50})

    assert len(one) == len(many) == 1


async def test_nobody_sends_events_without_end(
    ask: Ask, cleaner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def calls() -> list[dict[str, Any]]:
        return [await ask.answer(TRACK, input={"events": [click()]}) for _ in range(1_201)]

    *_, last = await calls()

    assert last["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert await cleaner.fetchval("SELECT count(*) FROM shopper_events") == 1_200


async def test_the_report_tells_how_search_did(
    ask: Ask, analyst: Ask, scene: Scene, log: Searched
) -> None:
    for query in ("lamp", "lamp", "mug", "zeppelin", "zeppelin", "airship"):
        await searched(ask, query)
    await log.write()
    await ask(
        TRACK, input={"events": [click(rank=1), click(rank=4), {"kind": "SEARCH", "query": "x"}]}
    )

    report = (await analyst(REPORT))["searchReport"]

    assert report.pop("averageTookMs") >= 0
    assert report == {
        "searches": 6,
        "withoutResults": 3,
        "degraded": 6,
        "clicks": 2,
        "averageClickRank": 2.5,
        "deadLetters": 0,
        "topQueries": [
            {
                "query": "lamp",
                "searches": 2,
                "withoutResults": 0,
                "clicks": 2,
                "averageClickRank": 2.5,
            },
            {
                "query": "zeppelin",
                "searches": 2,
                "withoutResults": 2,
                "clicks": 0,
                "averageClickRank": None,
            },
            {
                "query": "airship",
                "searches": 1,
                "withoutResults": 1,
                "clicks": 0,
                "averageClickRank": None,
            },
            {
                "query": "mug",
                "searches": 1,
                "withoutResults": 0,
                "clicks": 0,
                "averageClickRank": None,
            },
        ],
        "queriesWithoutResults": [{"query": "zeppelin", "searches": 2, "withoutResults": 2}],
    }


async def test_a_report_is_about_its_days(
    ask: Ask, analyst: Ask, scene: Scene, log: Searched
) -> None:
    await searched(ask, "lamp")
    await log.write()
    yesterday = iso(now() - timedelta(days=1))

    before = (await analyst(REPORT, to=yesterday))["searchReport"]
    today = (await analyst(REPORT, **{"from": iso(now())}))["searchReport"]

    assert (before["searches"], before["averageTookMs"], before["topQueries"]) == (0, None, [])
    assert today["searches"] == 1


async def test_odd_times_are_refused(analyst: Ask) -> None:
    times = [
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"from": "2020-01-01T00:00:00Z"},
        {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T00:00:00Z"},
    ]

    answers = [await analyst.answer(REPORT, **each) for each in times]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["BAD_USER_INPUT"] * 3
    assert (await analyst(REPORT, to="0001-01-05T00:00:00Z"))["searchReport"]["searches"] == 0


async def test_the_report_is_the_platform_s(ask: Ask, db: Database, tokens: Tokens) -> None:
    async with db.transaction() as session:
        user = await make_staff(session, await make_merchant(session), "VIEW_ANALYTICS")
        merchant = ask.as_(await sign_in(session, tokens, user))

    assert await merchant(REPORT) == {"searchReport": None}
    refused = await ask.answer(REPORT)
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_of_rare_queries_only_sums_are_kept_for_long(
    analyst: Ask, db: Database, cleaner: asyncpg.Connection
) -> None:
    for days in (30, 32):
        async with db.transaction() as session:
            session.add_all(
                SearchedQuery(
                    day=now().date() - timedelta(days=days),
                    language="en",
                    query=query,
                    searches=searches,
                    without_results=1,
                    degraded=0,
                    took_ms=10,
                )
                for query, searches in (("ada lovelace", 1), ("my doctor", 2), ("lamp", 3))
            )

    gone = [await search.forget_rare(db) for _ in range(2)]

    assert gone == [2, 0]
    kept = await cleaner.fetch("SELECT query, searches FROM searched_queries ORDER BY day, query")
    assert [(row["query"], row["searches"]) for row in kept] == [
        ("", 3), ("lamp", 3), ("ada lovelace", 1), ("lamp", 3), ("my doctor", 2)
    ]  # fmt: skip
    long_ago = iso(now() - timedelta(days=40))
    report = (await analyst(REPORT, **{"from": long_ago}))["searchReport"]
    assert (report["searches"], report["withoutResults"]) == (12, 6)
    assert [each["query"] for each in report["topQueries"]] == ["lamp", "my doctor", "ada lovelace"]


async def test_what_is_old_is_forgotten(db: Database, cleaner: asyncpg.Connection) -> None:
    moments = [now() - timedelta(days=days) for days in (0, 399, 401)]
    async with db.transaction() as session:
        for moment in moments:
            row = {"day": moment.date(), "language": "en", "query": "lamp", "searches": 1}
            sums = dict.fromkeys(("without_results", "degraded", "took_ms"), 0)
            session.add(SearchedQuery(**row, **sums))
            session.add(ShopperEvent(kind="VIEW", happened_at=moment, received_at=moment))

    gone = [await search.forget_old(db), await analytics.forget_old(db)]
    again = [await search.forget_old(db), await analytics.forget_old(db)]

    assert (gone, again) == ([1, 1], [0, 0])
    assert await cleaner.fetchval("SELECT count(*) FROM searched_queries") == 2
    assert await cleaner.fetchval("SELECT count(*) FROM shopper_events") == 2
