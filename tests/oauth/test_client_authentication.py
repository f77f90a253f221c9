"""Who a client is: secrets, signed assertions, and what is neither."""

import base64
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select, update

from auth.oauth.clients import CREDENTIALS, secret_digest
from core.clock import now
from core.db import Database
from core.ids import new_id
from models.audit import AuditEntry
from models.oauth import ClientAuthentication, OAuthClient
from tests.factories.oauth import SECRET, make_client
from tests.oauth.browsing import Browser
from tests.oauth.flows import ISSUER

NewBrowser = Callable[[], Browser]
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = ECKey.generate_key("P-256")
OWN = {"grant_types": [CREDENTIALS], "permissions": ["MANAGE_ORDERS"]}


async def program(db: Database, **columns: Any) -> OAuthClient:
    async with db.transaction() as session:
        return await make_client(session, **{**OWN, **columns})


async def signing_program(db: Database) -> OAuthClient:
    jwks = {"keys": [KEY.as_dict(private=False)]}
    return await program(db, authentication=ClientAuthentication.PRIVATE_KEY, jwks=jwks)


def assertion(client: OAuthClient, **changes: Any) -> str:
    """Signed by the client; a claim that is changed to None is left out."""
    ends = int((now() + timedelta(minutes=1)).timestamp())
    name = client.id.hex
    claims = {"iss": name, "sub": name, "aud": ISSUER, "exp": ends, "jti": new_id().hex, **changes}
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "ES256"}, given, KEY)


async def ask(http: httpx.AsyncClient, signed: str, **more: str) -> httpx.Response:
    wanted = {"grant_type": CREDENTIALS, "client_assertion_type": KIND, "client_assertion": signed}
    return await http.post("/oauth/token", data={**wanted, **more})


def unsigned(client: OAuthClient) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{assertion(client).split('.')[1]}."


def signed_with_public_key(client: OAuthClient) -> str:
    """As if the key that everybody knows were a secret."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
    text = f"{header}.{assertion(client).split('.')[1]}"
    digest = hmac.digest(KEY.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


async def test_a_signed_assertion_is_good_once(db: Database, new_browser: NewBrowser) -> None:
    client = await signing_program(db)
    http, signed = new_browser().http, assertion(client)

    first, second = await ask(http, signed), await ask(http, signed)

    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"iss": "somebody"},
        {"sub": "0" * 32},
        {"sub": 7},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"exp": 32503680000},
        {"jti": None},
    ],
)
async def test_an_assertion_that_says_something_else_is_refused(
    changes: dict[str, Any], db: Database, new_browser: NewBrowser
) -> None:
    client = await signing_program(db)

    refused = await ask(new_browser().http, assertion(client, **changes))

    assert refused.status_code in {400, 401}
    assert refused.json()["error"] == "invalid_client"


@pytest.mark.parametrize("forge", [unsigned, signed_with_public_key, lambda _: "e30.e30.e30", str])
async def test_a_forged_assertion_is_refused(
    forge: Callable[[OAuthClient], str], db: Database, new_browser: NewBrowser
) -> None:
    client = await signing_program(db)

    refused = await ask(new_browser().http, forge(client))

    assert refused.status_code in {400, 401}
    assert refused.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !",
        "Basic /w==",
        "Basic bm9ib2R5",
        "Basic bm9ib2R5Ong=",
        "Bearer x",
        "Digest x",
    ],
)
async def test_a_header_that_shows_nobody_is_refused(
    header: str, db: Database, new_browser: NewBrowser
) -> None:
    await program(db, secret=SECRET)

    refused = await new_browser().http.post(
        "/oauth/token", data={"grant_type": CREDENTIALS}, headers={"authorization": header}
    )

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert refused.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "more",
    [
        {"client_secret": "a wrong one"},
        {"client_secret": ""},
        {},
        {"client_secret": SECRET, "client_assertion": "e30.e30.e30"},
    ],
)
async def test_a_confidential_client_must_show_its_secret_and_only_that(
    more: dict[str, str], db: Database, new_browser: NewBrowser
) -> None:
    client = await program(db, secret=SECRET)
    wanted = {"grant_type": CREDENTIALS, "client_id": client.id.hex}

    refused = await new_browser().http.post("/oauth/token", data={**wanted, **more})

    assert refused.status_code in {400, 401}
    assert "access_token" not in refused.json()


async def test_a_client_is_the_one_its_secret_says(db: Database, new_browser: NewBrowser) -> None:
    client, other = await program(db, secret=SECRET), await program(db, secret="another")

    refused = await new_browser().http.post(
        "/oauth/token",
        data={"grant_type": CREDENTIALS, "client_id": other.id.hex},
        auth=(client.id.hex, SECRET),
    )

    assert refused.json()["error"] == "invalid_client"


async def test_a_replaced_secret_is_good_until_its_time_is_over(
    db: Database, new_browser: NewBrowser
) -> None:
    client = await program(db, secret=SECRET)
    http = new_browser().http
    wanted = {"grant_type": CREDENTIALS, "client_id": client.id.hex, "client_secret": SECRET}

    async def replaced(until: timedelta) -> int:
        async with db.transaction() as session:
            await session.execute(
                update(OAuthClient).values(
                    secret_hash=secret_digest("a new one"),
                    old_secret_hash=secret_digest(SECRET),
                    old_secret_until=now() + until,
                )
            )
        return (await http.post("/oauth/token", data=wanted)).status_code

    assert await replaced(timedelta(hours=1)) == 200
    assert await replaced(timedelta(seconds=-1)) == 401


async def test_a_client_that_is_disabled_gets_nothing(
    db: Database, new_browser: NewBrowser
) -> None:
    client = await program(db, secret=SECRET, disabled_at=now())

    refused = await new_browser().http.post(
        "/oauth/token", data={"grant_type": CREDENTIALS}, auth=(client.id.hex, SECRET)
    )

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_a_wrong_secret_is_on_record_and_is_nobodys_but_the_clients(
    db: Database, new_browser: NewBrowser
) -> None:
    client = await program(db, secret=SECRET)
    http, wanted = new_browser().http, {"grant_type": CREDENTIALS}

    await http.post("/oauth/token", data=wanted, auth=(client.id.hex, "a wrong secret"))
    await http.post("/oauth/token", data=wanted, auth=(client.id.hex, SECRET))

    columns = select(
        AuditEntry.action, AuditEntry.object_id, AuditEntry.actor_kind, AuditEntry.actor_id
    )
    async with db.transaction() as session:
        entries = (await session.execute(columns)).all()
    assert entries == [("CLIENT_SIGN_IN_FAILED", client.id, "ANONYMOUS", None)]


async def test_a_public_client_is_nobody_by_itself(db: Database, new_browser: NewBrowser) -> None:
    client = await program(db, permissions=[])
    wanted = {"grant_type": CREDENTIALS, "client_id": client.id.hex}

    refused = await new_browser().http.post("/oauth/token", data=wanted)

    assert refused.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": 'a"b'}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "unauthorized_client"),
        ({"grant_type": CREDENTIALS, "scope": "manage_staff"}, "invalid_scope"),
        ({"grant_type": CREDENTIALS, "scope": "ö"}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_told_what_is_wrong(
    wanted: dict[str, str], error: str, db: Database, new_browser: NewBrowser
) -> None:
    client = await program(db, secret=SECRET)

    refused = await new_browser().http.post(
        "/oauth/token", data={**wanted, "client_id": client.id.hex, "client_secret": SECRET}
    )

    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert refused.headers["cache-control"] == "no-store"


async def test_parameters_in_the_address_do_not_count(
    db: Database, new_browser: NewBrowser
) -> None:
    client = await program(db, secret=SECRET)
    address = f"/oauth/token?grant_type={CREDENTIALS}&client_id={client.id.hex}"

    refused = await new_browser().http.post(f"{address}&client_secret={SECRET}", data={"a": "b"})

    assert refused.json()["error"] == "unsupported_grant_type"
