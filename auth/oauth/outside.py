"""/oauth/callback: people come back from an outside provider, and sign in as who they are there."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from auth.oauth.pages import language_of
from auth.oauth.requests import Malformed, Parameters, query_of
from auth.oauth.visits import ELSEWHERE_PROOF, Visit, braked, entered, malformed
from core.errors import DomainError
from services import accounts
from services.factors import Login


async def callback(request: Request) -> Response:
    """Only for the browser that was sent there: it has the other half of what comes back."""
    visit = await Visit.of(request)
    try:
        query = query_of(request)
    except Malformed as error:
        return malformed(visit, error)
    verifier, _, text = visit.provider.browsers.take_login(request).partition(".")
    async with visit.provider.db.transaction() as session:
        kept = await accounts.proofs.take(session, purpose=ELSEWHERE_PROOF, text=text)
    if kept is None:
        return visit.problem("bad_request", status=400)
    redirect_uri = kept.facts["redirect_uri"] or None
    visit = replace(visit, back=kept.facts["back"], redirect_uri=redirect_uri)
    return await braked(visit, _known(visit, query, verifier))


async def _known(visit: Visit, query: Parameters, verifier: str) -> Response:
    """Raises: auth.brakes.Throttled; core.errors.Unavailable."""
    try:
        outside = await visit.provider.logins.finish(
            Login(query.get("state", ""), verifier),
            code=query.get("code", ""),
            issuer=query.get("iss"),
        )
        language = language_of("", visit.request.headers.get("accept-language", ""))
        user_id = await visit.provider.logins.user_of(outside, language=language)
        if user_id is None:
            return visit.sign_in_page("elsewhere_unknown")
        shown = await visit.provider.sign_ins.with_identity(user_id)
    except DomainError:
        return visit.sign_in_page("elsewhere_failed")
    return await entered(visit, shown)
