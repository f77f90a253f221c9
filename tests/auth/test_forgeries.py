"""The attack table of our tokens: whatever a stranger makes of one, nobody is taken for somebody.

Each goes to the real endpoint, where a good token of the same person is let in.
"""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.keys import LEEWAY_SECONDS, Keys
from auth.tokens import Tokens
from core.db import Database
from tests.accounts.operations import ME
from tests.auth.forging import encoded, joined, parts, resigned, signed_by, text_of
from tests.factories.accounts import make_guest, make_user, sign_in

Forge = Callable[[dict[str, Any], dict[str, Any]], str]
STRANGER = generate_private_key(65537, 2048)


@pytest.fixture
async def good(db: Database, tokens: Tokens) -> str:
    """A token that is let in."""
    async with db.transaction() as session:
        return await sign_in(session, tokens, await make_user(session))


async def status(client: httpx.AsyncClient, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    response = await client.post("/graphql", json={"query": ME}, headers=headers)
    if response.status_code == 401:
        assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert "data" not in response.json()
    return response.status_code


async def test_the_token_that_the_forgeries_are_made_of_is_let_in(
    client: httpx.AsyncClient, good: str, keys: Keys
) -> None:
    header, claims, _ = parts(good)

    assert await status(client, good) == 200
    assert await status(client, resigned(keys, header, claims)) == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 0, ["none"]])
async def test_an_unsigned_token_is_refused(
    client: httpx.AsyncClient, good: str, algorithm: object
) -> None:
    header, claims, signature = parts(good)
    changed = header | {"alg": algorithm}

    assert await status(client, joined(changed, claims)) == 401
    assert await status(client, f"{encoded(changed)}.{encoded(claims)}.{signature}") == 401


@pytest.mark.parametrize("form", ["pem", "der", "pkcs1", "modulus"])
@pytest.mark.parametrize(
    ("algorithm", "digest"), [("HS256", hashes.SHA256()), ("HS512", hashes.SHA512())]
)
async def test_our_public_key_is_no_secret_that_signs(
    client: httpx.AsyncClient, good: str, keys: Keys, form: str, algorithm: str, digest: Any
) -> None:
    public = keys._live[keys._current or ""].public_key
    secret = {
        "pem": lambda: public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": lambda: public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "pkcs1": lambda: public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "modulus": keys.jwks()["keys"][0]["n"].encode,
    }[form]()
    header, claims, _ = parts(good)
    told = f"{encoded(header | {'alg': algorithm})}.{encoded(claims)}"
    signer = hmac.HMAC(secret, digest)
    signer.update(told.encode())

    assert await status(client, f"{told}.{text_of(signer.finalize())}") == 401


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "ES256", "EdDSA", "HS256"])
async def test_another_algorithm_in_the_header_is_refused_with_our_own_signature_too(
    client: httpx.AsyncClient, good: str, keys: Keys, algorithm: str
) -> None:
    header, claims, _ = parts(good)

    assert await status(client, resigned(keys, header | {"alg": algorithm}, claims)) == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://another.example"},
        {"iss": ""},
        {"aud": "https://another.example/graphql"},
        {"aud": []},
        {"aud": ["https://another.example/graphql"]},
        {"exp": int(time.time()) - LEEWAY_SECONDS - 60},
        {"exp": 0},
        {"nbf": int(time.time()) + 3600},
        {"nbf": "later"},
        {"iat": int(time.time()) + 3600},
    ],
    ids="-".join,  # the times differ in every process
)
async def test_another_issuer_audience_or_time_is_refused(
    client: httpx.AsyncClient, good: str, keys: Keys, changes: dict[str, Any]
) -> None:
    header, claims, _ = parts(good)

    assert await status(client, resigned(keys, header, claims | changes)) == 401


async def test_a_token_for_us_and_for_others_is_refused(
    client: httpx.AsyncClient, good: str, keys: Keys
) -> None:
    header, claims, _ = parts(good)
    shared = claims | {"aud": [claims["aud"], "https://another.example"]}

    assert await status(client, resigned(keys, header, shared)) == 401


@pytest.mark.parametrize(
    "kid",
    [
        "0" * 32,
        "",
        None,
        7,
        [],
        "../../../../../../dev/null",
        "/proc/self/environ",
        "file:///etc/hostname",
        "https://another.example/jwks.json",
        "' OR '1'='1",
        "x" * 400,
    ],
    ids=lambda kid: f"kid-{kid}"[:24],
)
async def test_a_kid_is_never_a_path_an_address_or_sql(
    client: httpx.AsyncClient, good: str, keys: Keys, kid: object
) -> None:
    header, claims, _ = parts(good)

    assert await status(client, resigned(keys, header | {"kid": kid}, claims)) == 401
    assert await status(client, signed_by(STRANGER, header | {"kid": kid}, claims)) == 401


async def test_a_token_without_a_kid_is_not_tried_with_every_key(
    client: httpx.AsyncClient, good: str, keys: Keys
) -> None:
    header, claims, _ = parts(good)
    del header["kid"]

    assert await status(client, resigned(keys, header, claims)) == 401


async def test_a_strangers_signature_under_our_kid_is_refused(
    client: httpx.AsyncClient, good: str
) -> None:
    header, claims, _ = parts(good)

    assert await status(client, signed_by(STRANGER, header, claims)) == 401


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
async def test_a_token_does_not_bring_its_own_key(
    client: httpx.AsyncClient, good: str, name: str
) -> None:
    numbers = STRANGER.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "n": text_of(numbers.n.to_bytes(256, "big")),
        "e": text_of(numbers.e.to_bytes(3, "big")),
    }
    brought = {
        "jwk": jwk,
        "jku": "http://127.0.0.1:9/jwks.json",
        "x5u": "http://127.0.0.1:9/cert.pem",
        "x5c": ["AAAA"],
    }
    header, claims, _ = parts(good)

    assert await status(client, signed_by(STRANGER, header | {name: brought[name]}, claims)) == 401


async def test_an_extension_that_we_must_understand_is_refused(
    client: httpx.AsyncClient, good: str, keys: Keys
) -> None:
    header, claims, _ = parts(good)
    critical = header | {"crit": ["exp"], "exp": 1}

    assert await status(client, resigned(keys, critical, claims)) == 401


@pytest.mark.parametrize("typ", [None, "", "JWT", "jwt", "refresh+jwt", "at+JWT ", 7, "dpop+jwt"])
async def test_a_token_of_another_typ_is_refused(
    client: httpx.AsyncClient, good: str, keys: Keys, typ: object
) -> None:
    header, claims, _ = parts(good)
    untyped = {name: value for name, value in header.items() if name != "typ"}

    assert await status(client, resigned(keys, header | {"typ": typ}, claims)) == 401
    assert await status(client, resigned(keys, untyped, claims)) == 401


async def test_a_guests_token_is_no_users_and_a_users_no_guests(
    client: httpx.AsyncClient, db: Database, tokens: Tokens, keys: Keys, good: str
) -> None:
    async with db.transaction() as session:
        _, guest = await make_guest(session, tokens)
    users, guests = parts(good), parts(guest)

    assert await status(client, resigned(keys, guests[0], users[1])) == 401
    assert await status(client, resigned(keys, users[0], guests[1])) == 401


@pytest.mark.parametrize("part", range(3))
async def test_a_changed_token_is_refused(client: httpx.AsyncClient, good: str, part: int) -> None:
    pieces = good.split(".")
    at = len(pieces[part]) // 2
    changed = "A" if pieces[part][at] != "A" else "B"
    pieces[part] = pieces[part][:at] + changed + pieces[part][at + 1 :]

    assert await status(client, ".".join(pieces)) == 401


@pytest.mark.parametrize(
    "text", [".", "..", "a.b.c", "x" * 5000, "e30.e30.e30", "a.b.c.d.e", "mf_", "mf_" + "A" * 43]
)
async def test_what_is_no_token_is_refused(
    client: httpx.AsyncClient, clean: None, text: str
) -> None:
    assert await status(client, text) == 401


async def test_claims_that_are_no_object_are_refused(
    client: httpx.AsyncClient, good: str, keys: Keys
) -> None:
    header, _, _ = parts(good)

    for claims in ([], "text", 7, None, {}):
        assert await status(client, resigned(keys, header, claims)) == 401
