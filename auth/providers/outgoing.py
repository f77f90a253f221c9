"""Requests to outside providers: https, no redirects, little time, little to read.

What a provider answers is its own affair until it is checked: nothing of it gets into logs but
our own words.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

import httpx2

from core.login_providers import is_loopback, is_safe

SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 3.0
MAX_BYTES: Final = 256 * 1024
OK: Final = 200


class ProviderFault(Exception):
    """The provider is down, or what it says is not in order. The text may be logged."""


class Outgoing:
    """One client for all providers of a process.

    may_stay_here: in development a provider may run on this machine, without https.
    """

    def __init__(self, *, may_stay_here: bool) -> None:
        self._may_stay_here = may_stay_here
        self._opened: httpx2.AsyncClient | None = None

    @property
    def _http(self) -> httpx2.AsyncClient:
        """Opened when it is first needed: reading the certificates takes a while."""
        if self._opened is None:
            self._opened = httpx2.AsyncClient(
                timeout=httpx2.Timeout(SECONDS / 2, connect=CONNECT_SECONDS),
                follow_redirects=False,
                trust_env=False,  # a proxy of the environment would see the secrets
                headers={"accept": "application/json"},
            )
        return self._opened

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()

    async def get(
        self, url: str, *, query: Mapping[str, str] | None = None, token: str | None = None
    ) -> dict[str, Any]:
        """Raises: ProviderFault."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        request = self._http.build_request("GET", url, params=query, headers=headers)
        return await self._asked(url, request)

    async def post(
        self, url: str, *, form: Mapping[str, str], login: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        """login: for HTTP Basic, encoded already.

        Raises: ProviderFault.
        """
        request = self._http.build_request("POST", url, data=dict(form))
        if login:
            encoded = b64encode(":".join(login).encode()).decode()
            request.headers["authorization"] = f"Basic {encoded}"
        return await self._asked(url, request)

    async def _asked(self, url: str, request: httpx2.Request) -> dict[str, Any]:
        self._check(url)
        try:
            async with asyncio.timeout(SECONDS):
                status, body = await self._read(request)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise ProviderFault(f"it does not answer ({type(error).__name__})") from None
        if status != OK:
            raise ProviderFault(f"it answers with status {status}")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise ProviderFault("its answer is no JSON") from None
        if not isinstance(answer, dict):
            raise ProviderFault("its answer is no JSON object")
        return answer

    async def _read(self, request: httpx2.Request) -> tuple[int, bytes]:
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise ProviderFault("its answer is too long")
            return response.status_code, bytes(body)
        finally:
            await response.aclose()

    def _check(self, url: str) -> None:
        if not is_safe(url) or (is_loopback(url) and not self._may_stay_here):
            raise ProviderFault("an address of it is not https")
