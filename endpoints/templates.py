"""The HTML of our few pages: no script, nothing from elsewhere."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from auth.oauth import pages

_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# What these pages show is one person's: no cache keeps it, and no link tells where it was read.
HEADERS: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def page(name: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    return HTMLResponse(_PAGES.get_template(name).render(facts), status, HEADERS)


def language_of(request: Request) -> str:
    """Of the two that our pages speak: the letter's, or the one that the browser likes better."""
    wanted = request.query_params.get("ui_locales", "")
    return pages.language_of(wanted, request.headers.get("accept-language", ""))
