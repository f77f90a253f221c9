"""The database: the one transaction of a write, and readers on autocommit connections."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import orjson
from sqlalchemy import ClauseElement, Select, event
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from core.errors import BadUserInput

Row = Mapping[str, Any]
Statement = Select[*tuple[Any, ...]]  # of any columns

# What says that the database, not the request, is at fault; OSError holds TimeoutError.
FAULTS: Final[tuple[type[Exception], ...]] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InterfaceError,
    OSError,
)

# JSON can write the character U+0000, PostgreSQL's text can't hold it.
NOT_TEXT: Final = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
NO_NUL: Final = "Text must not contain the character U+0000."

# Rows are looked up by keys, in tables that lie in memory or on solid disks: by its defaults, made
# for turning ones, the planner would read whole tables, and compile small statements.
_PLANNER_SETTINGS = {"random_page_cost": "1.1", "jit": "off"}
# Writers give up rather than pile up. Milliseconds.
_WRITER_SETTINGS = {
    "lock_timeout": "4000",
    "statement_timeout": "15000",
    "idle_in_transaction_session_timeout": "15000",
    **_PLANNER_SETTINGS,
}
# work_mem: what a search of PostgreSQL finds among very many products is kept row by row.
_READER_SETTINGS = {"statement_timeout": "10000", "work_mem": "16MB", **_PLANNER_SETTINGS}
_IDLE_SECONDS = 300.0

SCOPE: Final = "scope_"  # parameters of this prefix are bound from the caller, never from arguments

# Parameters that are the operation's own wishes, if nothing else is said.
WISHES: Final = frozenset({"currency", "language", "fallback"})

_DRIVER: Final = "driver"  # in a session's info: its connection, once the transaction has begun

_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)
_statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the SQL of every statement this task sends; BEGIN and COMMIT are not counted."""
    seen: list[str] = []
    token = _statements.set(seen)
    try:
        yield seen
    finally:
        _statements.reset(token)


def _note(sql: str) -> None:
    seen = _statements.get()
    if seen is not None:
        seen.append(sql)


class Query:
    """A statement compiled once, at import: its text, and its parameters in the order of `$n`.

    Values written into the statement travel as parameters too, unless they are `literal_column`.
    """

    __slots__ = ("defaults", "names", "scopes", "sql", "wishes")

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        self.sql = str(compiled)
        self.names: list[str] = list(compiled.positiontup or ())  # type: ignore[attr-defined]
        self.defaults: dict[str, Any] = dict(compiled.params)
        self.scopes = [name for name in {*self.names} if name.startswith(SCOPE)]
        self.wishes = [name for name in {*self.names} if name in WISHES]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        defaults = self.defaults
        return [values[name] if name in values else defaults[name] for name in self.names]


class Reader:
    """GraphQL reads: a free list of connections over asyncpg's pool.

    The pool's own acquire and release cost more than a small statement; a connection that met an
    error goes back to the pool, which replaces it.
    """

    def __init__(self, url: str, *, size: int) -> None:
        self._url, self._size = url, size
        self._pool: asyncpg.Pool | None = None
        self._slots = asyncio.Semaphore(size)
        self._free: list[tuple[Any, float]] = []

    async def open(self) -> None:
        """Open no connection yet: the database may come later than we do."""
        self._pool = await asyncpg.create_pool(
            plain_url(self._url),
            min_size=0,
            max_size=self._size,
            init=_prepare,
            statement_cache_size=1000,
            max_inactive_connection_lifetime=0,
            server_settings=_READER_SETTINGS,
            timeout=5,
        )

    def close(self) -> None:
        """At once: the pool's own `close` would wait for the connections in the free list."""
        self._free.clear()
        if self._pool is not None:
            self._pool.terminate()

    async def fetch(self, query: Query, /, **values: Any) -> Sequence[Row]:
        """All rows. Raises: one of FAULTS when the database is not there."""
        assert self._pool is not None, "the reader is not open"
        assert not _in_transaction.get(), "loaders are not for transactions: use the session"
        _note(query.sql)
        async with self._slots:
            connection = await self._connection()
            try:
                rows: Sequence[Row] = await connection.fetch(query.sql, *query.arguments(values))
            except BaseException as error:
                await self._pool.release(connection)
                if isinstance(error, NOT_TEXT):
                    raise BadUserInput(NO_NUL) from None
                raise
            self._free.append((connection, asyncio.get_running_loop().time()))
            return rows

    async def _connection(self) -> Any:
        assert self._pool is not None
        now = asyncio.get_running_loop().time()
        while self._free:
            connection, since = self._free.pop()
            if not connection.is_closed() and now - since < _IDLE_SECONDS:
                return connection
            await self._pool.release(connection)
        return await self._pool.acquire()


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=encode_json, decoder=orjson.loads, schema="pg_catalog"
    )


def encode_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def plain_url(url: str) -> str:
    """The URL as asyncpg reads it: without SQLAlchemy's driver name."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql"))


class Database:
    """Hands out transactions. GraphQL reads go through `Reader`."""

    def __init__(self, url: str, *, size: int) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=5,
            pool_recycle=int(_IDLE_SECONDS),
            hide_parameters=True,  # an error that is logged must not show what was written
            json_serializer=encode_json,
            json_deserializer=orjson.loads,
            connect_args={
                "server_settings": _WRITER_SETTINGS,
                "prepared_statement_cache_size": 500,
                "timeout": 5,
            },
        )
        event.listen(self._engine.sync_engine, "before_cursor_execute", _note_write)
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)
        self._writers = async_sessionmaker(self._engine, expire_on_commit=False, autoflush=False)

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: commits when the block ends, rolls back when it raises.

        Raises: one of FAULTS when the database is not there, too slow, or a lock is not to be had.
        """
        assert not _in_transaction.get(), "one transaction at a time: pass the session on"
        token = _in_transaction.set(True)
        try:
            async with self._writers.begin() as session:
                yield session
        except DBAPIError as error:
            cause = driver_error(error)
            if isinstance(cause, FAULTS):
                raise cause from error
            if isinstance(cause, NOT_TEXT):
                raise BadUserInput(NO_NUL) from None
            raise
        except NOT_TEXT:
            raise BadUserInput(NO_NUL) from None
        finally:
            _in_transaction.reset(token)


async def run(session: AsyncSession, query: Query, /, **values: Any) -> Sequence[Row]:
    """The rows of a compiled statement, in the session's transaction.

    For the statements of hot paths: a third of what `session.execute` costs. Values are the
    driver's: JSON is text. The transaction's first statement goes by SQLAlchemy, which begins it.
    """
    arguments = query.arguments(values)
    driver = session.info.get(_DRIVER)
    if driver is not None:
        _note(query.sql)
        rows: Sequence[Row] = await driver.fetch(query.sql, *arguments)
        return rows
    connection = await session.connection()
    result = await connection.exec_driver_sql(query.sql, tuple(arguments))
    session.info[_DRIVER] = (await connection.get_raw_connection()).driver_connection
    found: Sequence[Any] = result.mappings().all() if result.returns_rows else []
    return found


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """A pooled connection that the server has closed is replaced; asking it would cost a trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _note_write(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    _note(statement)


def driver_error(error: DBAPIError) -> BaseException:
    """Asyncpg's own exception behind SQLAlchemy's."""
    inner: BaseException | None = error.orig
    return getattr(inner, "__cause__", None) or inner or error
