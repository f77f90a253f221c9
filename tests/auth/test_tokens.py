"""What our tokens say, and that one of our own making is no good unless it says all of it."""

from datetime import timedelta
from typing import Any

import pytest

from auth.keys import Keys
from auth.tokens import OWN_CLIENT, TokenInvalid, TokenKind, Tokens
from core.clock import now
from core.ids import new_id
from core.settings import Settings
from tests.auth.forging import parts, resigned

USER, SESSION, CLIENT = new_id(), new_id(), new_id()


def test_an_access_token_has_all_that_rfc_9068_asks_for(
    tokens: Tokens, keys: Keys, settings: Settings
) -> None:
    moment = now().replace(microsecond=0)
    token, ends = tokens.access(
        USER, SESSION, client_id=CLIENT, scopes=("openid", "shop"), auth_time=moment
    )

    header, claims, _ = parts(token)

    assert header == {"alg": "RS256", "typ": "at+jwt", "kid": keys.jwks()["keys"][0]["kid"]}
    assert len(claims.pop("jti")) == 32
    assert claims.pop("iat") == pytest.approx(moment.timestamp(), abs=1)
    assert claims == {
        "iss": settings.base_url,
        "aud": f"{settings.base_url}/graphql",
        "sub": USER.hex,
        "sid": SESSION.hex,
        "client_id": CLIENT.hex,
        "scope": "openid shop",
        "exp": int(ends.timestamp()),
        "auth_time": int(moment.timestamp()),
    }


def test_an_access_token_is_read_as_what_it_says(tokens: Tokens) -> None:
    token, ends = tokens.access(USER, SESSION, client_id=CLIENT, scopes=("shop",))

    claims = tokens.read(token)

    assert (claims.kind, claims.subject, claims.session_id) == (TokenKind.ACCESS, USER, SESSION)
    assert (claims.client_id, claims.scopes) == (CLIENT.hex, {"shop"})
    assert claims.expires_at == ends
    assert timedelta(minutes=9) < ends - now() <= timedelta(minutes=10)


def test_a_token_of_our_own_apps_names_no_other_client(tokens: Tokens) -> None:
    token, _ = tokens.access(USER, SESSION)

    assert parts(token)[1]["client_id"] == OWN_CLIENT
    assert (tokens.read(token).client_id, tokens.read(token).scopes) == (None, frozenset())


def test_a_guests_token_names_no_sign_in(tokens: Tokens) -> None:
    token, ends = tokens.guest(USER)

    claims = tokens.read(token)

    assert (claims.kind, claims.subject, claims.session_id) == (TokenKind.GUEST, USER, None)
    assert timedelta(days=29) < ends - now() <= timedelta(days=30)


def test_a_clients_own_token_is_nobodys_sign_in(tokens: Tokens) -> None:
    token, _ = tokens.app(CLIENT, ("manage_orders",))

    claims = tokens.read(token)

    assert (claims.kind, claims.subject, claims.session_id) == (TokenKind.APP, CLIENT, None)
    assert claims.scopes == {"manage_orders"}


def test_no_two_tokens_have_the_same_id(tokens: Tokens) -> None:
    ids = {tokens.read(tokens.access(USER, SESSION)[0]).token_id for _ in range(3)}

    assert len(ids) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "nobody"},
        {"sub": None},
        {"sub": 7},
        {"sid": None},
        {"sid": "x"},
        {"iss": None},
        {"iss": []},
        {"aud": None},
        {"aud": {}},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 1e400},
        {"jti": None},
        {"jti": "x"},
        {"client_id": None},
        {"scope": ["shop"]},
    ],
)
def test_even_of_our_own_making_it_must_be_complete(
    tokens: Tokens, keys: Keys, changes: dict[str, Any]
) -> None:
    header, claims, _ = parts(tokens.access(USER, SESSION)[0])

    with pytest.raises(TokenInvalid):
        tokens.read(resigned(keys, header, claims | changes))


@pytest.mark.parametrize("left_out", ["iss", "aud", "sub", "exp", "jti", "sid", "client_id"])
def test_nothing_may_be_left_out(tokens: Tokens, keys: Keys, left_out: str) -> None:
    header, claims, _ = parts(tokens.access(USER, SESSION)[0])
    del claims[left_out]

    with pytest.raises(TokenInvalid):
        tokens.read(resigned(keys, header, claims))


def test_access_tokens_of_more_than_ten_minutes_are_no_setting() -> None:
    with pytest.raises(ValueError, match="access_token_lifetime"):
        Settings(_env_file=None, access_token_lifetime=timedelta(minutes=11))


def test_without_a_secret_there_are_no_keys(settings: Settings) -> None:
    with pytest.raises(ValueError, match="TOKEN_SECRET"):
        Keys(Settings(_env_file=None), None)
