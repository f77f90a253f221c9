"""Which tokens are ours."""

import base64
from datetime import timedelta
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from auth.tokens import LEEWAY_SECONDS, TokenInvalid, TokenKind, Tokens
from core.clock import now
from core.ids import new_id
from core.settings import Settings

SECRET = "the secret of these tests, long enough"
USER, SESSION = new_id(), new_id()


def tokens(**values: Any) -> Tokens:
    return Tokens(Settings(_env_file=None, token_secret=values.pop("secret", SECRET), **values))


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = token.split(".")
    decoded = (base64.urlsafe_b64decode(part + "==") for part in (header, claims))
    return orjson.loads(next(decoded)), orjson.loads(next(decoded)), signature


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def resigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """With our key: as if we had made it ourselves."""
    key = tokens()._key
    return jwt.encode(header, claims, key, algorithms=[header["alg"]], default_type=None)


def test_an_access_token_says_who_and_which_sign_in() -> None:
    token, ends = tokens().access(USER, SESSION)

    claims = tokens().read(token)

    assert (claims.kind, claims.subject, claims.session_id) == (TokenKind.ACCESS, USER, SESSION)
    assert claims.expires_at == ends
    assert timedelta(minutes=9) < ends - now() <= timedelta(minutes=10)


def test_a_guests_token_names_no_sign_in() -> None:
    token, ends = tokens().guest(USER)

    claims = tokens().read(token)

    assert (claims.kind, claims.subject, claims.session_id) == (TokenKind.GUEST, USER, None)
    assert timedelta(days=29) < ends - now() <= timedelta(days=30)


def test_a_token_of_another_secret_issuer_or_time_is_none() -> None:
    strangers = [
        tokens(secret="another secret, just as long as ours").access(USER, SESSION)[0],
        tokens(token_issuer="another-shop").access(USER, SESSION)[0],
        tokens(access_token_lifetime=timedelta(seconds=-LEEWAY_SECONDS - 1)).access(USER, SESSION)[
            0
        ],
    ]

    for token in strangers:
        with pytest.raises(TokenInvalid):
            tokens().read(token)


def test_the_secret_itself_signs_no_tokens() -> None:
    header, claims, _ = parts(tokens().access(USER, SESSION)[0])
    key = OctKey.import_key(SECRET)

    with pytest.raises(TokenInvalid):
        tokens().read(jwt.encode(header, claims, key, algorithms=["HS256"]))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "RS256", "", None])
def test_a_token_never_chooses_how_it_is_checked(algorithm: str | None) -> None:
    header, claims, signature = parts(tokens().access(USER, SESSION)[0])
    changed = encoded(header | {"alg": algorithm})

    for end in ("", signature):
        with pytest.raises(TokenInvalid):
            tokens().read(f"{changed}.{encoded(claims)}.{end}")


def test_a_longer_hash_with_our_key_is_refused_too() -> None:
    header, claims, _ = parts(tokens().access(USER, SESSION)[0])

    with pytest.raises(TokenInvalid):
        tokens().read(resigned(header | {"alg": "HS384"}, claims))


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "nobody"},
        {"sub": None},
        {"sub": 7},
        {"sid": None},
        {"sid": "x"},
        {"iss": None},
        {"exp": None},
        {"exp": "tomorrow"},
    ],
)
def test_even_of_our_own_making_it_must_be_complete(changes: dict[str, Any]) -> None:
    header, claims, _ = parts(tokens().access(USER, SESSION)[0])

    with pytest.raises(TokenInvalid):
        tokens().read(resigned(header, claims | changes))


@pytest.mark.parametrize("type_", [None, "JWT", "at+jwt", "refresh+jwt", ""])
def test_a_token_of_another_type_is_none(type_: str | None) -> None:
    header, claims, _ = parts(tokens().access(USER, SESSION)[0])
    named = header | {"typ": type_} if type_ is not None else {"alg": header["alg"]}

    with pytest.raises(TokenInvalid):
        tokens().read(resigned(named, claims))


@pytest.mark.parametrize("part", range(3))
def test_a_changed_token_is_none(part: int) -> None:
    pieces = tokens().access(USER, SESSION)[0].split(".")
    pieces[part] = pieces[part][:-2] + ("AA" if pieces[part][-2:] != "AA" else "BB")

    with pytest.raises(TokenInvalid):
        tokens().read(".".join(pieces))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 5000, "é.é.é", "e30.e30.e30"])
def test_what_is_no_token_is_none(text: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens().read(text)


def test_without_a_secret_there_are_no_tokens() -> None:
    with pytest.raises(ValueError, match="TOKEN_SECRET"):
        tokens(secret="")
