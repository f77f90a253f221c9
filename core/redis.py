"""Redis or Valkey: never the only copy of anything; losing it costs speed, not data."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

FAULTS = (RedisError, OSError)


def connect(url: str) -> Redis:
    """A client that gives up soon: whoever asks must be able to go on without an answer."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=1.0,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 1),
        max_connections=64,
    )
