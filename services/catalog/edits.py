"""Changes that speak of some parts of an object only."""

from typing import Final, TypeVar

T = TypeVar("T")


class Keep:
    """Stands for a part that a change does not speak of; null is something else."""


KEEP: Final = Keep()


def kept(value: T | Keep, otherwise: T) -> T:
    return otherwise if isinstance(value, Keep) else value
