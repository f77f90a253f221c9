"""WeChat's sign-in as its protocol says: `python -m tests.factors.wechat_sandbox <port>`.

Errors come with status 200; there is no id_token, no PKCE and no e-mail address; a code is good
once. The person is who `?as=` of the page says; `app-only-…` has no id beyond this app.
"""

import secrets
import sys
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

APP, SECRET = "wx0123456789abcdef", "a secret of the sandbox"
BAD_APP, BAD_SECRET, BAD_CODE, USED_CODE, BAD_TOKEN = 40013, 40125, 40029, 40163, 40001

codes: Final[dict[str, str | None]] = {}
tokens: Final[dict[str, str]] = {}


async def page(request: Request) -> Response:
    query = request.query_params
    if query["appid"] != APP or query["scope"] != "snsapi_login":
        return PlainTextResponse("Scope 参数错误或没有 Scope 权限")
    code = secrets.token_hex(16)
    codes[code] = query["as"]
    return RedirectResponse(f"{query['redirect_uri']}?code={code}&state={query['state']}", 302)


async def access_token(request: Request) -> Response:
    query = request.query_params
    if query.get("appid") != APP:
        return _error(BAD_APP, "invalid appid")
    if query.get("secret") != SECRET:
        return _error(BAD_SECRET, "invalid appsecret")
    if query.get("code") not in codes:
        return _error(BAD_CODE, "invalid code")
    person = codes[query["code"]]
    codes[query["code"]] = None
    if person is None:
        return _error(USED_CODE, "code been used")
    token = secrets.token_hex(16)
    tokens[token] = person
    answer = {"access_token": token, "expires_in": 7200, "refresh_token": secrets.token_hex(16)}
    return JSONResponse({**answer, "scope": "snsapi_login", **_ids(person)})


async def userinfo(request: Request) -> Response:
    person = tokens.get(request.query_params.get("access_token", ""))
    if person is None or request.query_params.get("openid") != _ids(person)["openid"]:
        return _error(BAD_TOKEN, "invalid credential")
    profile = {"nickname": f"微信 {person}", "sex": 0, "province": "", "city": "", "country": ""}
    return JSONResponse({**profile, "headimgurl": "", "privilege": [], **_ids(person)})


def _ids(person: str) -> dict[str, str]:
    ids = {"openid": f"o-{person}"}
    return ids if person.startswith("app-only-") else {**ids, "unionid": f"u-{person}"}


def _error(number: int, text: str) -> Response:
    body: dict[str, Any] = {"errcode": number, "errmsg": text}
    return JSONResponse(body, media_type="text/plain")


ROUTES = [
    Route("/connect/qrconnect", page),
    Route("/sns/oauth2/access_token", access_token),
    Route("/sns/userinfo", userinfo),
]

if __name__ == "__main__":
    uvicorn.run(Starlette(routes=ROUTES), port=int(sys.argv[1]), log_level="warning")
