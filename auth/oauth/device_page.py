"""/oauth/device: a person types the code that their device shows, and decides."""

from typing import Any, Final

from sqlalchemy import select, update
from starlette.requests import Request
from starlette.responses import Response

from auth.brakes import SECOND_FACTOR
from auth.oauth.authorize import ALLOW, DECIDE, DENY
from auth.oauth.browsers import SignedIn
from auth.oauth.clients import Client
from auth.oauth.devices import shown, user_code_of
from auth.oauth.requests import Malformed, Parameters, query_of
from auth.oauth.visits import Visit, braked, malformed, posted
from core.clock import now
from core.identity import Caller, CallerKind
from models.oauth import DeviceGrant, OAuthClient
from services import audit

CODE: Final = "user_code"


async def device(request: Request) -> Response:
    """Nothing is decided by an address alone: it may have come from a stranger (RFC 8628, 5.4)."""
    visit = await Visit.of(request)
    try:
        query = query_of(request)
    except Malformed as error:
        return malformed(visit, error)
    form = await posted(visit)
    if isinstance(form, Response):
        return form
    if visit.browser.signed_in is None:
        return visit.sign_in_page()
    return await braked(visit, _with_code(visit, visit.browser.signed_in, form, query))


async def _with_code(
    visit: Visit, person: SignedIn, form: Parameters, query: Parameters
) -> Response:
    typed = form.get(CODE) or query.get(CODE)
    if typed is None:
        return visit.page("device_code", typed="", problem=None)
    user_code, brakes, whose = (
        user_code_of(typed),
        visit.provider.brakes,
        f"device {person.user_id}",
    )
    await brakes.check(SECOND_FACTOR, whose)  # codes are short: nobody may try many
    if form.get("step") == DECIDE and form.get("decision") in {ALLOW, DENY}:
        is_allowed = form["decision"] == ALLOW
        found = await _decide(visit, person, user_code, is_allowed=is_allowed)
        page, facts = "device_done", dict[str, Any](is_allowed=is_allowed)
    else:
        found = await _find(visit, user_code)
        page, facts = "device_confirm", dict[str, Any](user_code=shown(user_code))
    if found is None:
        return visit.page("device_code", status=422, typed=typed, problem="device_code_wrong")
    await brakes.passed(SECOND_FACTOR, whose)
    client, scopes = found
    return visit.page(page, **facts, scopes=scopes, asking=client)


async def _find(visit: Visit, user_code: str) -> tuple[Client, list[str]] | None:
    found = (
        select(*OAuthClient.__table__.c, DeviceGrant.scopes.label("wanted"))
        .join(DeviceGrant, DeviceGrant.client_id == OAuthClient.id)
        .where(*_is_waiting(user_code), OAuthClient.disabled_at.is_(None))
    )
    async with visit.provider.db.transaction() as session:
        row = (await session.execute(found)).mappings().one_or_none()
    return (Client(dict(row)), row["wanted"]) if row else None


async def _decide(
    visit: Visit, person: SignedIn, user_code: str, *, is_allowed: bool
) -> tuple[Client, list[str]] | None:
    """Once per code; whoever is first decides."""
    decided = (
        update(DeviceGrant)
        .where(*_is_waiting(user_code), OAuthClient.id == DeviceGrant.client_id)
        .values(approved=is_allowed, browser_session_id=person.session_id)
        .returning(*OAuthClient.__table__.c, DeviceGrant.scopes.label("wanted"))
    )
    async with visit.provider.db.transaction() as session:
        row = (await session.execute(decided)).mappings().one_or_none()
        if row is None:
            return None
        action = "DEVICE_ALLOWED" if is_allowed else "DEVICE_DENIED"
        entry = audit.entry(
            action,
            "User",
            person.user_id,
            after={"clientId": row["id"].hex, "scopes": row["wanted"]},
            actor=Caller(CallerKind.USER, person.user_id, person.session_id),
        )
        await audit.record(session, entry)
    return Client(dict(row)), row["wanted"]


def _is_waiting(user_code: str) -> tuple[Any, ...]:
    return (
        DeviceGrant.user_code == user_code,
        DeviceGrant.approved.is_(None),
        DeviceGrant.expires_at > now(),
    )
