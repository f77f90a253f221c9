"""The development mailbox: letters as files, which a page shows; nobody's mail server sees them."""

import asyncio
import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from integrations.mail.writing import Writer
from services.mail import Letter

FOLDER: Final = "mailbox"  # in the data folder
MAX_LETTERS: Final = 200
_NAME: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as the page shows it; newer ones have greater ids."""

    id: str
    recipient: str
    subject: str
    date: str
    text: str
    html: str


class Mailbox:
    """A folder of messages; the newest MAX_LETTERS are kept."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    async def put(self, name: str, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, name, message.as_bytes())

    async def letters(self) -> Sequence[Received]:
        """The newest first."""
        return await asyncio.to_thread(self._read_all)

    async def letter(self, name: str) -> Received | None:
        return await asyncio.to_thread(self._read, name) if _NAME.fullmatch(name) else None

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{name}.tmp"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / f"{name}.eml")
        for old in self._files()[MAX_LETTERS:]:
            old.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.eml"), reverse=True)

    def _read_all(self) -> list[Received]:
        found = [self._read(file.stem) for file in self._files()]
        return [letter for letter in found if letter is not None]

    def _read(self, name: str) -> Received | None:
        try:
            content = (self._folder / f"{name}.eml").read_bytes()
        except FileNotFoundError:  # made room for a newer one
            return None
        message = email.message_from_bytes(content, policy=email.policy.default)
        return Received(
            id=name,
            recipient=str(message["To"]),
            subject=str(message["Subject"]),
            date=str(message["Date"]),
            text=_part(message, "plain"),
            html=_part(message, "html"),
        )


def _part(message: EmailMessage, form: str) -> str:
    body = message.get_body(preferencelist=(form,))
    return str(body.get_content()) if body else ""


class MailboxPostman:
    """Carries letters no further than this machine."""

    def __init__(self, mailbox: Mailbox, writer: Writer) -> None:
        self._mailbox, self._writer = mailbox, writer

    async def deliver(self, letter: Letter) -> None:
        await self._mailbox.put(letter.id.hex, self._writer.message(letter))
