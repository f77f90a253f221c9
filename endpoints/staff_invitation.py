"""`/staff/invitation`: where the letter to a merchant's new staff leads.

Whoever has the letter sees what it offers. Only a person who is signed in on our pages accepts, by
a form that no other site can send; a refusal leaves the invitation as it was.
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.oauth.browsers import SignedIn
from auth.oauth.requests import Malformed, Parameters, query_of
from auth.oauth.routes import as_page
from auth.oauth.visits import Visit, malformed, posted
from core.identity import Caller, CallerKind, acting
from resolvers import merchants as resolve
from resolvers.context import FALLBACK_LANGUAGE, RequestContext, Shop
from services import merchants
from services.merchants import Invited

ACCEPT: Final = "accept"
WRONG_ACCOUNT: Final = "invitation_wrong_account"
UNVERIFIED: Final = "invitation_unverified"
GONE: Final = "invitation_gone"


async def invitation(request: Request) -> Response:
    """What is offered, then a sign-in, then the button, then what came of it."""
    visit = await Visit.of(request)
    try:
        token = query_of(request).get("token", "")
    except Malformed as error:
        return malformed(visit, error)
    form = await posted(visit)
    return form if isinstance(form, Response) else await _offered(visit, form, token)


async def _offered(visit: Visit, form: Parameters, token: str) -> Response:
    invited = await merchants.look(visit.provider.reader, token)
    if invited is None:
        return visit.problem(GONE, status=404)
    person = visit.browser.signed_in
    if person is None:
        return visit.sign_in_page(name="staff_invitation", **_told(invited))
    if form.get("step") == ACCEPT:
        return await _accept(visit, person, invited, token)
    problem = None if person.email == invited.email else WRONG_ACCOUNT
    return visit.page("staff_invitation", problem=problem, **_told(invited))


async def _accept(visit: Visit, person: SignedIn, invited: Invited, token: str) -> Response:
    shop: Shop = visit.request.app.state.shop
    caller = Caller(CallerKind.USER, person.user_id, person.session_id)
    acting.set(caller)
    currency = shop.settings.shop_currency
    ctx = RequestContext(shop, caller, language=FALLBACK_LANGUAGE, currency=currency)
    try:
        done = await resolve.accept(ctx, token=token)
    except merchants.EmailUnverified:
        problem = UNVERIFIED
    except merchants.InvitationInvalid:
        if person.email == invited.email:
            return visit.problem(GONE, status=404)
        problem = WRONG_ACCOUNT
    else:
        work = await merchants.work(ctx.reader, user_id=person.user_id, **done)
        return visit.page("staff_joined", **_told(work or invited))
    return visit.page("staff_invitation", status=422, problem=problem, **_told(invited))


def _told(offer: Invited | merchants.Work) -> dict[str, Any]:
    """Permissions are named as those of apps are."""
    return {"offer": offer, "scopes": [each.lower() for each in offer.permissions]}


ROUTES: Final = (Route(resolve.INVITATION_PAGE, as_page(invitation), methods=["GET", "POST"]),)
