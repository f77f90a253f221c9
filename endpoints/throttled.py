"""What a route answers to somebody who tries too often."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from auth.brakes import Throttled


async def response(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Throttled), "registered for this exception alone"
    shown = {"message": str(error), "extensions": {"code": error.code, **error.facts}}
    return JSONResponse({"errors": [shown]}, 429, headers={"Retry-After": str(error.retry_after)})
