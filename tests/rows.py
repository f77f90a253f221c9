"""Emptying a test's database."""

import asyncpg

DELETE_ALL_ROWS = """
DO $$
DECLARE each regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR each IN
        SELECT oid FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition
          AND relnamespace = 'public'::regnamespace
          AND relname NOT IN ('alembic_version', 'signing_keys')
    LOOP
        EXECUTE format('DELETE FROM %s', each);
    END LOOP;
END $$
"""


async def delete_all_rows(connection: asyncpg.Connection) -> None:
    """Empty every table, past triggers and foreign keys, in one statement.

    The keys stay: the application made them when it started, and signs with them.
    """
    await connection.execute(DELETE_ALL_ROWS)
