"""Letters as e-mail messages: a template per kind and language, as text and as HTML.

Who adds a kind adds `letters/<kind>.<language>.txt`, whose first line is the subject; a language
without one falls back to English. Its HTML is made of the text: a line that is an address becomes a
button. `letters/<kind>.<language>.html`, if there is one, goes before that.
"""

from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from typing import Final

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    select_autoescape,
)

from core.clock import now
from core.settings import Settings
from services.mail import Letter, Undeliverable

LETTERS: Final = Path(__file__).parent / "letters"
LAYOUT: Final = "layout.html"
FALLBACK_LANGUAGE: Final = "en"


class Writer:
    """Writes letters in the name of the shop."""

    def __init__(self, settings: Settings) -> None:
        name, address = parseaddr(settings.sender)
        self._from = formataddr((name or settings.shop_name, address))
        self._host = address.rpartition("@")[2]
        self._templates = Environment(
            loader=FileSystemLoader(LETTERS),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"shop": settings.shop_name, "home": settings.base_url}

    def message(self, letter: Letter) -> EmailMessage:
        """The same Message-ID for the same letter, whichever try this is.

        Raises: Undeliverable for a kind without a template.
        """
        filled = self._filled(letter, "txt")
        if filled is None:
            raise Undeliverable(f"no template for letters of kind {letter.kind}")
        text, language = filled
        subject, _, body = text.partition("\n")
        message = EmailMessage()
        message["From"] = self._from
        message["To"] = letter.to
        message["Subject"] = " ".join(subject.split())  # a name in it can't begin a header
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{letter.id.hex}@{self._host}>"
        message["Auto-Submitted"] = "auto-generated"  # no answers of machines. Source: RFC 3834
        message.set_content(body.strip() + "\n")
        message.add_alternative(self._html(letter, body, language), subtype="html")
        message["Content-Language"] = language
        return message

    def _html(self, letter: Letter, body: str, language: str) -> str:
        filled = self._filled(letter, "html")
        if filled is not None:
            return filled[0]
        paragraphs = [each.strip() for each in body.split("\n\n") if each.strip()]
        return self._templates.get_template(LAYOUT).render(paragraphs=paragraphs, language=language)

    def _filled(self, letter: Letter, form: str) -> tuple[str, str] | None:
        """The filled template and its language."""
        for language in (letter.language, FALLBACK_LANGUAGE):
            try:
                template = self._templates.get_template(f"{letter.kind.lower()}.{language}.{form}")
            except TemplateNotFound:
                continue
            return template.render(letter.facts), language
        return None
