"""E-mail: letters from templates, carried by SMTP or put into the development mailbox."""

from integrations.mail.mailbox import Mailbox
from integrations.mail.postmen import postman

__all__ = ["Mailbox", "postman"]
