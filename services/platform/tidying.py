"""What nobody asks for any more."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select

from core.db import Database
from models.platform import IdempotencyKey

KEY_LIFETIME: Final = timedelta(days=30)
BATCH: Final = 1_000


async def forget_old_keys(db: Database) -> int:
    """Delete the oldest idempotency keys whose time has passed, a batch of them; how many."""
    key = (IdempotencyKey.caller_id, IdempotencyKey.mutation, IdempotencyKey.key)
    old = (
        select(IdempotencyKey.caller_id, IdempotencyKey.mutation, IdempotencyKey.key)
        .where(IdempotencyKey.created_at < func.now() - KEY_LIFETIME)
        .order_by(IdempotencyKey.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    async with db.transaction() as session:
        gone = await session.execute(
            delete(IdempotencyKey)
            .where(*(column == old.c[column.key] for column in key))
            .returning(IdempotencyKey.key)
            .execution_options(synchronize_session=False)
        )
        return len(gone.all())
