"""Signs tokens with the next key from now on: `python -m tools.rotate_keys`.

Safe at any time: tokens of the old key stay good until they end, and every process knows the next
key already. When the next key is too young, because keys were replaced a moment ago, this waits.
`--replace` is for a secret that became known, or a TOKEN_SECRET that was lost: all keys are made
anew, and every sign-in and guest must begin again.
"""

import argparse
import asyncio
import sys
from uuid import UUID

from auth import rotation
from auth.keys import KeysUnreadable
from auth.news import announce
from core import redis
from core.db import Database
from core.settings import Settings
from tools import given


async def main(settings: Settings, *, is_replacing: bool) -> None:
    db = Database(settings.database_url, size=2)
    cache = redis.connect(settings.redis_url)
    try:
        await rotation.make_first(db, settings)
        if is_replacing:
            await rotation.replace_all(db, settings)
            sys.stdout.write("All keys are new; everybody signs in again.\n")
        else:
            sys.stdout.write(f"Tokens are signed by {(await _rotated(db, settings)).hex} now.\n")
        await announce(cache, keys=True)
    finally:
        await cache.aclose()
        await db.close()


async def _rotated(db: Database, settings: Settings) -> UUID:
    try:
        return await rotation.rotate(db, settings)
    except rotation.NotSettled as young:
        await asyncio.sleep(young.again_in.total_seconds())
    return await rotation.rotate(db, settings)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.rotate_keys", description=__doc__)
    parser.add_argument("--replace", action="store_true", help="end every token at once")
    return parser.parse_args()


if __name__ == "__main__":
    told = arguments()
    try:
        asyncio.run(
            main(
                given.settings("database_url", "redis_url", "token_secret"),
                is_replacing=told.replace,
            )
        )
    except KeysUnreadable as refusal:
        raise SystemExit(str(refusal)) from None
