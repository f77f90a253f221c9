"""`PUT /uploads/{id}`: a file, streamed to disk, at an address that `stagedUploadCreate` signed.

The signature is looked at before a byte of the file, the size while it comes. What the client says
the file is called or contains decides nothing.
"""

import asyncio
import re
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core import clock
from core.db import FAULTS
from core.ids import encode
from resolvers.context import Shop
from services import media

CHUNK_BYTES: Final = 1024 * 1024
PATIENCE_SECONDS: Final = 600.0  # for a whole file
_ID: Final = re.compile(r"[0-9a-f]{32}")
_EXPIRES: Final = re.compile(r"[0-9]{1,12}")


class Refused(Exception):
    """The answer is this status and sentence."""

    def __init__(self, status: int, message: str, code: str = "BAD_USER_INPUT") -> None:
        super().__init__(message)
        self.status, self.code = status, code


async def put(request: Request) -> Response:
    shop: Shop = request.app.state.shop
    try:
        upload_id = _genuine(request, shop.settings.token_secret.get_secret_value())
        size = await _received(request, shop, upload_id)
    except Refused as refused:
        return _answer(refused)
    except FAULTS:
        return _answer(Refused(503, "Try again later.", "UNAVAILABLE"))
    except ClientDisconnect:
        return Response(status_code=400)  # to nobody
    return JSONResponse({"id": encode("upload", upload_id), "bytes": size}, 201)


def _answer(refused: Refused) -> JSONResponse:
    error = {"message": str(refused), "extensions": {"code": refused.code}}
    headers = {"connection": "close"}  # the rest of the file need not come
    return JSONResponse({"errors": [error]}, refused.status, headers)


def _genuine(request: Request, secret: str) -> UUID:
    """The upload that the address is good for. Raises: Refused."""
    name = str(request.path_params["id"])
    expires = request.query_params.get("expires", "")
    signature = request.query_params.get("signature", "")
    if not (_ID.fullmatch(name) and _EXPIRES.fullmatch(expires)) or not media.is_genuine(
        secret, upload_id=UUID(hex=name), expires=int(expires), signature=signature
    ):
        raise Refused(403, "This is no address of ours.", "FORBIDDEN")
    if clock.now().timestamp() >= int(expires):
        raise Refused(410, "The address has expired; ask for a new one.")
    return UUID(hex=name)


async def _received(request: Request, shop: Shop, upload_id: UUID) -> int:
    """The size of the file, which is on disk and recorded. Raises: Refused."""
    purpose = await media.find_staged(shop.reader, upload_id)
    if purpose is None:
        raise Refused(410, "A file was sent to this address before.")
    limit = media.MAX_BYTES[purpose]
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    data_dir = shop.settings.data_dir
    file = await asyncio.to_thread(media.new_upload_file, data_dir, upload_id)
    is_kept = False
    try:
        size = await _written(request, file, limit)
        async with shop.db.transaction() as session:
            is_kept = await media.receive(
                session,
                upload_id=upload_id,
                path=str(file.relative_to(data_dir)),
                size=size,
            )
    finally:
        if not is_kept:
            await asyncio.to_thread(file.unlink, missing_ok=True)
    if not is_kept:
        raise Refused(410, "A file was sent to this address before.")
    return size


async def _written(request: Request, file: Path, limit: int) -> int:
    """Write the body to the file. Raises: Refused."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            with await asyncio.to_thread(file.open, "xb") as output:
                size = await _copied(request, output, limit)
    except TimeoutError:
        raise Refused(408, "The file took too long.") from None
    if not size:
        raise Refused(400, "The file is empty.")
    return size


async def _copied(request: Request, output: IO[bytes], limit: int) -> int:
    size, waiting = 0, bytearray()
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        waiting += part
        if len(waiting) >= CHUNK_BYTES:
            await asyncio.to_thread(output.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(output.write, bytes(waiting))
    return size


def _too_large(limit: int) -> Refused:
    return Refused(413, f"The file has more than {limit} bytes.")
