"""Mail: letters wait in a table from the transaction that needs them until they are handed over."""

from services.mail.delivery import TIME_TO_GIVE_UP, deliver_due, pause_after
from services.mail.ports import DeliveryFailed, Postman, Undeliverable
from services.mail.queue import Letter, forget_recipient, send

__all__ = [
    "TIME_TO_GIVE_UP",
    "DeliveryFailed",
    "Letter",
    "Postman",
    "Undeliverable",
    "deliver_due",
    "forget_recipient",
    "pause_after",
    "send",
]
