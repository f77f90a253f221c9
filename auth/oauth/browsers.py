"""Browsers on our pages: a cookie, who is signed in behind it, and forms that nobody else can send.

Whoever signs in gets another cookie: one that a stranger planted before is worth nothing. Forms
carry a digest of the cookie, which other sites can neither read nor guess.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from auth.oauth.clients import secret_digest
from core.clock import now
from core.db import Query, Reader
from core.settings import Settings
from models.accounts import Session, User
from models.oauth import BrowserSignIn
from services import accounts

LIFETIME: Final = timedelta(hours=12)
LOGIN_LIFETIME: Final = timedelta(minutes=10)
COOKIE_BYTES: Final = 32
_COOKIE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN_SITES: Final = ("same-origin", "none")  # of Sec-Fetch-Site; "none": typed by a person

_SIGNED_IN: Final = Query(
    select(
        Session.id,
        Session.user_id,
        Session.auth_time,
        Session.amr,
        User.email,
    )
    .join(BrowserSignIn, BrowserSignIn.session_id == Session.id)
    .join(User, User.id == Session.user_id)
    .where(
        BrowserSignIn.cookie_hash == bindparam("cookie_hash", type_=LargeBinary()),
        BrowserSignIn.expires_at > func.now(),
        Session.revoked_at.is_(None),
        User.is_active,
    )
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in in a browser; in the order in which they are selected."""

    session_id: UUID
    user_id: UUID
    auth_time: datetime
    amr: Sequence[str]
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Browser:
    """cookie: of this browser from now on. is_new: it must be told."""

    cookie: str = field(repr=False)
    is_new: bool
    signed_in: SignedIn | None = None


class Browsers:
    """Knows browsers again."""

    def __init__(self, settings: Settings, reader: Reader) -> None:
        self._reader = reader
        self._is_secure = settings.base_url.startswith("https://")
        # The prefix keeps others of the same domain from planting one. Source: RFC 6265bis, 4.1.3.
        self._name = "__Host-marketfront" if self._is_secure else "marketfront"
        secret = settings.token_secret.get_secret_value().encode()
        self._key = hmac.digest(secret, b"forms of our pages", "sha256")

    async def of(self, request: Request) -> Browser:
        """The browser that asks. Raises: one of core.db.FAULTS."""
        cookie = request.cookies.get(self._name, "")
        if not _COOKIE.fullmatch(cookie):
            return Browser(secrets.token_urlsafe(COOKIE_BYTES), is_new=True)
        rows = await self._reader.fetch(_SIGNED_IN, cookie_hash=secret_digest(cookie))
        return Browser(cookie, False, SignedIn(*rows[0].values()) if rows else None)

    def form_token(self, browser: Browser) -> str:
        """What each form must bring back."""
        return hmac.new(self._key, browser.cookie.encode(), hashlib.sha256).hexdigest()

    def is_own_form(self, request: Request, browser: Browser, token: str) -> bool:
        """Whether a form that was sent is one that we gave to this browser."""
        if request.headers.get("sec-fetch-site", "none") not in _OWN_SITES or browser.is_new:
            return False
        return hmac.compare_digest(token.encode(), self.form_token(browser).encode())

    def remember(self, browser: Browser, response: Response) -> None:
        """Tell the browser its cookie."""
        self._set(response, self._name, browser.cookie, LIFETIME)

    def keep_login(self, response: Response, text: str) -> None:
        """Something for this browser to bring back from an outside provider."""
        self._set(response, f"{self._name}-login", text, LOGIN_LIFETIME)

    def take_login(self, request: Request) -> str:
        return request.cookies.get(f"{self._name}-login", "")

    def _set(self, response: Response, name: str, value: str, lifetime: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )


async def enter(
    session: AsyncSession, browser: Browser, *, known: accounts.Credentials, amr: Sequence[str]
) -> Browser:
    """Sign somebody in in a browser, which is another one from then on.

    Raises: accounts.SignInFailed when their password was changed in the meantime.
    """
    await leave(session, browser)
    opened = await accounts.sign_in(session, known=known, lifetime=LIFETIME, amr=amr)
    entered = Browser(secrets.token_urlsafe(COOKIE_BYTES), is_new=True)
    row = {
        "cookie_hash": secret_digest(entered.cookie),
        "session_id": opened.session_id,
        "expires_at": now() + LIFETIME,
    }
    await session.execute(insert(BrowserSignIn).values(row))
    return entered


async def leave(session: AsyncSession, browser: Browser) -> None:
    """Sign out whoever is signed in there; their clients stay as they are."""
    if browser.signed_in is None:
        return
    gone = delete(BrowserSignIn).where(BrowserSignIn.cookie_hash == secret_digest(browser.cookie))
    await session.execute(gone)
    await accounts.end_session(
        session, user_id=browser.signed_in.user_id, session_id=browser.signed_in.session_id
    )
