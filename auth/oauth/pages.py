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
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

FOLDER: Final = Path(__file__).parent / "pages"
LANGUAGES: Final = ("en", "zh-Hans")
_RANGE: Final = re.compile(r"\s*([A-Za-z]{1,8})[A-Za-z0-9-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")
_OWN_SCRIPT: Final = "script-src 'self'; connect-src 'self'; "
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?")

_STYLE: Final = (FOLDER / "style.css").read_text()
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_SCRIPT: Final = (FOLDER / "passkey.js").read_bytes()
SCRIPT_VERSION: Final = hashlib.sha256(_SCRIPT).hexdigest()[:16]
SCRIPT_PATH: Final = "/oauth/passkey.js"
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

    No pictures, no frames; nothing is kept; other sites learn no address of ours. The only script
    is that of passkeys, on pages whose facts name the `site` that they are for.
    """
    script = f"{SCRIPT_PATH}?v={SCRIPT_VERSION}" if facts.get("site") else None

    def text(key: str, **filled: str) -> str:
        return _TEXTS[language][key].format(**filled)

    html = _ENVIRONMENT.get_template(f"{page}.html").render(
        facts, t=text, language=language, style=_STYLE, script=script
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        f"{_OWN_SCRIPT if script else ''}base-uri 'none'; "
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


async def passkey_script(request: Request) -> Response:
    """What pages that ask for a passkey run. Kept by browsers in the version that a page named."""
    is_named = request.query_params.get("v") == SCRIPT_VERSION
    kept = "public, max-age=31536000, immutable" if is_named else "no-store"
    return Response(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": kept})


def _source(redirect_uri: str | None) -> str:
    """As a content security policy names where a redirect leads; its syntax has no IPv6."""
    if redirect_uri is None:
        return ""
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.netloc):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
