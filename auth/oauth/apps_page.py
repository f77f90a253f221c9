"""/oauth/apps: which apps a person has let in, and how they are shut out again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select, union_all, update
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auth.callers import forget_caller
from auth.oauth.browsers import SignedIn
from auth.oauth.clients import client_id_of
from auth.oauth.scopes import in_order
from auth.oauth.visits import Visit, posted
from core.clock import now
from core.db import Query
from core.identity import Caller, CallerKind
from models.accounts import Session
from models.oauth import AuthorizationCode, Consent, DeviceGrant, OAuthClient
from services import audit

DISCONNECT: Final = "disconnect"

_USER: Final = bindparam("user_id", type_=Uuid())
_GIVEN: Final = union_all(
    select(Consent.client_id, Consent.scopes).where(Consent.user_id == _USER),
    select(Session.client_id, Session.scopes).where(
        Session.user_id == _USER, Session.revoked_at.is_(None)
    ),
).subquery()
_CONNECTED: Final = Query(
    select(OAuthClient.id, OAuthClient.name, OAuthClient.logo_text, _GIVEN.c.scopes)
    .join(_GIVEN, _GIVEN.c.client_id == OAuthClient.id)
    .where(OAuthClient.disabled_at.is_(None))
    .order_by(OAuthClient.name, OAuthClient.id)
)


@dataclass(slots=True)
class App:
    """An app that may do something on the person's behalf."""

    client_id: str
    name: str
    logo_text: str
    scopes: list[str] = field(default_factory=list)


async def apps(request: Request) -> Response:
    """What was allowed stays allowed until it is taken back here."""
    visit = await Visit.of(request)
    form = await posted(visit)
    if isinstance(form, Response):
        return form
    person = visit.browser.signed_in
    if person is None:
        return visit.sign_in_page()
    client_id = client_id_of(form.get("client_id"))
    if form.get("step") == DISCONNECT and client_id is not None:
        await _disconnect(visit, person, client_id)
        return RedirectResponse(request.url.path, 303)
    return visit.page("apps", apps=await _connected(visit, person.user_id))


async def _connected(visit: Visit, user_id: UUID) -> Sequence[App]:
    found: dict[str, App] = {}
    for row in await visit.provider.reader.fetch(_CONNECTED, user_id=user_id):
        client_id: str = row["id"].hex
        logo = row["logo_text"] or row["name"][0]
        app = found.setdefault(client_id, App(client_id, row["name"], logo))
        app.scopes = in_order([*app.scopes, *row["scopes"]])
    return list(found.values())


async def _disconnect(visit: Visit, person: SignedIn, client_id: UUID) -> None:
    """The app's sign-ins end, and it must ask again."""
    consent = delete(Consent).where(
        Consent.user_id == person.user_id, Consent.client_id == client_id
    )
    codes = delete(AuthorizationCode).where(
        AuthorizationCode.user_id == person.user_id,
        AuthorizationCode.client_id == client_id,
        AuthorizationCode.used_at.is_(None),
    )
    own = select(Session.id).where(Session.user_id == person.user_id)
    devices = delete(DeviceGrant).where(
        DeviceGrant.browser_session_id.in_(own), DeviceGrant.client_id == client_id
    )
    sign_ins = update(Session).where(
        Session.user_id == person.user_id,
        Session.client_id == client_id,
        Session.revoked_at.is_(None),
    )
    entry = audit.entry(
        "CLIENT_DISCONNECTED",
        "User",
        person.user_id,
        after={"clientId": client_id.hex},
        actor=Caller(CallerKind.USER, person.user_id, person.session_id),
    )
    async with visit.provider.db.transaction() as session:
        await session.execute(consent)
        await session.execute(codes)
        await session.execute(devices)
        await session.execute(sign_ins.values(revoked_at=now()))
        await audit.record(session, entry)
    forget_caller(person.user_id)
