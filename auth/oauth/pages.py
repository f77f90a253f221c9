"""Our pages: what they say, in which language, and what a browser may do with them."""

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

FOLDER: Final = Path(__file__).parent / "pages"
LANGUAGES: Final = ("en", "zh-Hans")
_RANGE: Final = re.compile(r"\s*([A-Za-z]{1,8})[A-Za-z0-9-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?")

_STYLE: Final = (FOLDER / "style.css").read_text()
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_TEXTS: Final[dict[str, dict[str, str]]] = {
    language: orjson.loads((FOLDER / f"{language}.json").read_bytes()) for language in LANGUAGES
}
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def language_of(ui_locales: str, accept_language: str) -> str:
    """Of the languages a person reads, the first that we speak; English otherwise."""
    wanted = [(1.0, tag) for tag in ui_locales.split()]
    for part in accept_language.split(","):
        match = _RANGE.fullmatch(part)
        if match:
            wanted.append((float(match[2] or 1), match[1]))
    for quality, tag in sorted(wanted, key=lambda pair: -pair[0]):
        spoken = {"zh": "zh-Hans", "en": "en"}.get(tag.partition("-")[0].lower())
        if spoken and quality > 0:
            return spoken
    return "en"


def rendered(
    page: str,
    language: str,
    facts: Mapping[str, Any],
    *,
    status: int = 200,
    redirect_uri: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page. redirect_uri: where a form of it may lead in the end.

    No scripts, no pictures, no frames; nothing is kept; other sites learn no address of ours.
    """

    def text(key: str, **filled: str) -> str:
        return _TEXTS[language][key].format(**filled)

    html = _ENVIRONMENT.get_template(f"{page}.html").render(
        facts, t=text, language=language, style=_STYLE
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {_source(redirect_uri)}"
    )
    own = {
        "Content-Security-Policy": policy.rstrip(),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Content-Language": language,
    }
    return HTMLResponse(html, status, headers={**own, **(headers or {})})


def _source(redirect_uri: str | None) -> str:
    """As a content security policy names where a redirect leads; its syntax has no IPv6."""
    if redirect_uri is None:
        return ""
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.netloc):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
