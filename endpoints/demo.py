"""Who can sign in to the demo shop: for the explorer, which offers to act as one of them."""

from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

ACCOUNTS: Final = "demo-accounts.json"  # in the data folder; written by tools/demo


async def accounts(request: Request) -> Response:
    """`[{"label", "email", "password", "kind"}]`; not there unless the demo shop is loaded."""
    settings = request.app.state.settings
    file = settings.data_dir / ACCOUNTS
    if not settings.demo or not file.is_file():
        return JSONResponse({"detail": "There are no demo accounts here."}, 404)
    return FileResponse(file, media_type="application/json", headers={"cache-control": "no-store"})
