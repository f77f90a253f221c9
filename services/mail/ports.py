"""Who carries letters: the port that integrations implement."""

from typing import Protocol

from services.mail.queue import Letter


class DeliveryFailed(Exception):
    """Not now, perhaps later: the server is away, busy or out of room.

    The text goes to the log: it must not hold an address.
    """


class Undeliverable(DeliveryFailed):
    """Never: there is no such recipient, or no such template."""


class Postman(Protocol):
    async def deliver(self, letter: Letter) -> None:
        """Hand a letter over; when this returns, somebody else answers for it.

        May be called again with the same letter, if we died before noting that it went.

        Raises: DeliveryFailed, Undeliverable.
        """
