"""Letters by SMTP, to the relay that SMTP_URL names."""

from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from integrations.mail.writing import Writer
from services.mail import DeliveryFailed, Letter, Undeliverable

SECONDS: Final = 20.0  # of each step
FOR_GOOD: Final = 500
# Scheme -> default port, TLS from the first byte, TLS after STARTTLS.
SCHEMES: Final = {
    "smtps": (465, True, False),
    "smtp": (587, False, True),
    "smtp+plain": (25, False, False),
}


class SmtpPostman:
    """Hands each letter over in a connection of its own."""

    def __init__(self, url: str, writer: Writer) -> None:
        """Raises: ValueError for an address that names no relay, without saying more of it."""
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError(f"SMTP_URL begins with one of {', '.join(SCHEMES)} and names a host")
        default_port, self._uses_tls, self._starts_tls = SCHEMES[parts.scheme]
        if parts.password and parts.scheme == "smtp+plain":
            raise ValueError("SMTP_URL would send its password in the clear")
        self._host, self._port = parts.hostname, parts.port or default_port
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._writer = writer

    async def deliver(self, letter: Letter) -> None:
        message = self._writer.message(letter)
        try:
            await self._send(message)
        except (SMTPException, OSError) as error:
            raise _failure(error) from None  # what servers say often quotes the address

    async def _send(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._uses_tls,
            start_tls=self._starts_tls,
            timeout=SECONDS,
        )


def _failure(error: SMTPException | OSError) -> DeliveryFailed:
    """Permanent is what is said of this letter; all else may be our own configuration."""
    cause: Exception = error
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        cause = error.recipients[0]
    code = cause.code if isinstance(cause, SMTPResponseException) else 0
    text = f"{type(cause).__name__} {code or ''}".strip()
    if isinstance(cause, (SMTPRecipientRefused, SMTPDataError)) and code >= FOR_GOOD:
        return Undeliverable(text)
    return DeliveryFailed(text)
