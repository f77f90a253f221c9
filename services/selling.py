"""Whether a merchant sells, held still while something depends on it.

Whoever completes a purchase or puts something on the shelf shares a lock with all others who do;
whoever ends or begins the selling has it alone. A lock of the merchant's row would not do: shared
ones are given past those who wait for it alone, so that a busy merchant could not be stopped.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Text, cast, func

_SEED: Final = 7_246_006  # of the locks of this kind; a collision makes somebody wait, no more


def shared(merchant_id: Any) -> ColumnElement[None]:
    """Until the transaction ends, nobody changes whether the merchant sells.

    Whether it does is to be read by a later statement: this one's snapshot is from before the wait.
    """
    return func.pg_advisory_xact_lock_shared(_key(merchant_id))


def alone(merchant_id: Any) -> ColumnElement[None]:
    """Whoever depends on whether the merchant sells has ended, or waits and sees what is new."""
    return func.pg_advisory_xact_lock(_key(merchant_id))


def _key(merchant_id: Any) -> ColumnElement[int]:
    return func.hashtextextended(cast(merchant_id, Text), _SEED)
