"""Runs migrations: one at a time, and never waiting long for a lock that the shop holds."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import models
from core.settings import Settings

ADVISORY_LOCK = 7_246_001


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=models.Base.metadata,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def online() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url") or Settings().database_url
    if not url:
        raise SystemExit("Set DATABASE_URL to the database to migrate.")
    engine = create_async_engine(
        url,
        poolclass=NullPool,
    )
    async with engine.connect() as connection:
        await connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
        await connection.execute(text("SET lock_timeout = '4s'"))
        await connection.commit()
        await connection.run_sync(migrate)
        await connection.execute(text(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
        await connection.commit()
    await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations run online only.")
asyncio.run(online())
