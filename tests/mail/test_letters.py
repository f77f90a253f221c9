"""Every letter that is sent has its words, in both languages."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from core.settings import Settings
from integrations.mail.writing import LETTERS, Writer
from services.mail import Letter

FACTS = {
    "link": "https://shop.example/account?token=x",
    "date": "2026-12-24",
    "days": 3,
    "hours": 24,
    "minutes": 30,
    "merchant": "Mill & Sons",
    "change": "PASSKEY_ADDED",
}
KINDS = sorted({file.name.partition(".")[0].upper() for file in LETTERS.glob("*.*.txt")})


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_can_be_written(settings: Settings, kind: str, language: str) -> None:
    words = (LETTERS / f"{kind.lower()}.{language}.txt").read_text()
    wanted = meta.find_undeclared_variables(Environment(autoescape=True).parse(words))
    facts = {name: FACTS.get(name, name) for name in wanted}

    message = Writer(settings).message(Letter(kind, "ann@example.com", language, facts))

    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert message["Content-Language"] == language
    assert message["Subject"]
    assert text is not None
    assert html is not None
    assert "{" not in text.get_content()
    assert ("link" in wanted) == (FACTS["link"] in text.get_content().splitlines())


def test_every_kind_that_the_code_names_has_a_template(root: Path) -> None:
    named = set()
    for room in ("services", "workers", "auth", "resolvers"):
        for file in (root / room).rglob("*.py"):
            named |= set(re.findall(r'Letter\(\s*(?:kind=)?"([A-Z_]+)"', file.read_text()))

    assert named
    assert named <= {*KINDS}


def test_a_name_in_a_subject_can_not_begin_a_header(settings: Settings, tmp_path: Path) -> None:
    letter = Letter(
        "STAFF_INVITATION", "ann@example.com", "en", FACTS | {"merchant": "A\nBcc: b@c.de"}
    )

    message = Writer(settings).message(letter)

    assert message["Bcc"] is None
