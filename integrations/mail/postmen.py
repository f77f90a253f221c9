"""Who carries the letters of this installation."""

from core.settings import Settings
from integrations.mail.mailbox import Mailbox, MailboxPostman
from integrations.mail.smtp import SmtpPostman
from integrations.mail.writing import Writer
from services.mail import Postman


def postman(settings: Settings) -> Postman:
    """SMTP where SMTP_URL says so, else the development mailbox.

    Raises: ValueError for an SMTP_URL that is none.
    """
    writer, url = Writer(settings), settings.smtp_url.get_secret_value()
    if url:
        return SmtpPostman(url, writer)
    return MailboxPostman(Mailbox(settings.data_dir), writer)
