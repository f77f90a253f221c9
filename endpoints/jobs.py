"""Reports of jobs, at signed addresses: a browser can follow them without a token."""

import asyncio
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from core import clock, db
from core.db import Query
from models.platform import Job
from services.platform import is_genuine_report

_REPORT: Final = Query(select(Job.report_path).where(Job.id == bindparam("job_id", type_=Uuid())))
NOT_FOUND: Final = "There is no such report."
EXPIRED: Final = "This address has expired; ask for a new one."


async def report(request: Request) -> Response:
    """JSON lines of `{line, field, code, message}`."""
    settings = request.app.state.settings
    try:
        job_id = UUID(hex=request.path_params["job_id"])
        expires = int(request.query_params["expires"])
    except (ValueError, KeyError):
        return _refused(404, NOT_FOUND)
    secret = settings.token_secret.get_secret_value()
    signature = request.query_params.get("signature", "")
    if not is_genuine_report(secret, job_id=job_id, expires=expires, signature=signature):
        return _refused(404, NOT_FOUND)
    if expires < clock.now().timestamp():
        return _refused(410, EXPIRED)
    try:
        rows = await request.app.state.shop.reader.fetch(_REPORT, job_id=job_id)
    except db.FAULTS:
        return _refused(503, "Try again in a moment.")
    file = rows[0]["report_path"] and settings.data_dir / rows[0]["report_path"] if rows else None
    if file is None or not await asyncio.to_thread(file.is_file):
        return _refused(404, NOT_FOUND)
    return FileResponse(
        file,
        media_type="application/jsonl",
        filename=f"report-{job_id.hex}.jsonl",
        headers={"cache-control": "private, no-store"},
    )


def _refused(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status)
