"""Uploads: announced, received once, used once."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db import Database, Query, Reader, Row
from core.errors import DomainError, InvalidInput, NotFound, Refusals
from core.identity import Caller
from core.ids import new_id
from models.platform import Upload, UploadPurpose, UploadStatus
from services.media.addresses import UPLOAD_LIFETIME
from services.media.errors import TooManyUploads, UnreadableUpload, UploadProblem
from services.media.files import discard, discard_old
from services.media.images import StoredPicture, store_picture

MAX_BYTES: Final = {UploadPurpose.IMAGE: 10 * 2**20, UploadPurpose.IMPORT: 100 * 2**20}
MAX_UNUSED: Final = 50
MAX_FILENAME: Final = 255
TIME_TO_USE: Final = timedelta(days=1)
Places = Mapping[UUID, tuple[str, ...]]  # upload id -> where the input names it


async def stage(
    session: AsyncSession, caller: Caller, *, purpose: UploadPurpose, filename: str
) -> UUID:
    """Announce a file that the caller is going to send; its name is only ever shown.

    Raises: InvalidInput; TooManyUploads.
    """
    assert caller.subject is not None, "the field is for people who are signed in"
    if not 0 < len(filename) <= MAX_FILENAME or not filename.isprintable():
        problem = f"A file name has 1 to {MAX_FILENAME} characters that can be printed."
        raise InvalidInput(problem=problem, path=("filename",))
    now = clock.now()
    unused = select(func.count()).where(
        Upload.owner_id == caller.subject,
        Upload.status != UploadStatus.USED,
        Upload.expires_at > now,
    )
    if (await session.scalar(unused) or 0) >= MAX_UNUSED:
        raise TooManyUploads(maximum=MAX_UNUSED)
    upload_id = new_id()
    await session.execute(
        insert(Upload).values(
            id=upload_id,
            owner_id=caller.subject,
            purpose=purpose,
            filename=filename,
            content_type="",
            expires_at=now + UPLOAD_LIFETIME,
        )
    )
    return upload_id


_STAGED: Final = Query(
    select(Upload.purpose).where(
        Upload.id == bindparam("upload_id", type_=Uuid()), Upload.status == UploadStatus.STAGED
    )
)


async def find_staged(reader: Reader, upload_id: UUID) -> UploadPurpose | None:
    """What for the file is that may be sent now; None when it was sent, or is not known."""
    rows = await reader.fetch(_STAGED, upload_id=upload_id)
    return UploadPurpose(rows[0]["purpose"]) if rows else None


async def receive(session: AsyncSession, *, upload_id: UUID, path: str, size: int) -> bool:
    """The file is there. False: somebody else was faster with the same address."""
    received = await session.execute(
        update(Upload)
        .where(Upload.id == upload_id, Upload.status == UploadStatus.STAGED)
        .values(
            status=UploadStatus.RECEIVED,
            path=path,
            size=size,
            expires_at=clock.now() + TIME_TO_USE,
        )
        .returning(Upload.id)
    )
    return received.first() is not None


_MINE: Final = Query(
    select(Upload.id, Upload.status, Upload.path).where(
        Upload.id == any_(bindparam("uploads", type_=ARRAY(Uuid()))),
        Upload.owner_id == bindparam("owner_id", type_=Uuid()),
        Upload.purpose == UploadPurpose.IMAGE,
        Upload.status != UploadStatus.USED,
    )
)


async def read_pictures(
    reader: Reader, caller: Caller, data_dir: Path, *, uploads: Places
) -> dict[UUID, StoredPicture]:
    """Make pictures of files that the caller sent; before the transaction that uses them.

    Pictures that nobody uses afterwards do no harm: the same file has the same name again.

    Raises: Refusals of NotFound and UnreadableUpload.
    """
    if not uploads:
        return {}
    rows = await reader.fetch(_MINE, uploads=list(uploads), owner_id=caller.subject)
    known = {row["id"]: row for row in rows}
    results = await asyncio.gather(
        *(_picture(known.get(key), key, place, data_dir) for key, place in uploads.items()),
        return_exceptions=True,
    )
    refusals = [each for each in results if isinstance(each, DomainError)]
    for each in results:
        if isinstance(each, BaseException) and not isinstance(each, DomainError):
            raise each
    if refusals:
        raise Refusals(refusals)
    return {
        key: each
        for key, each in zip(uploads, results, strict=True)
        if isinstance(each, StoredPicture)
    }


async def _picture(
    row: Row | None, upload_id: UUID, place: tuple[str, ...], data_dir: Path
) -> StoredPicture:
    if row is None:
        raise NotFound(kind="StagedUpload", id=upload_id, path=place)
    if row["status"] != UploadStatus.RECEIVED:
        raise UnreadableUpload(problem=UploadProblem.NOT_RECEIVED, path=place)
    try:
        return await store_picture(data_dir / row["path"], data_dir)
    except UnreadableUpload as refusal:
        refusal.path = place
        raise


async def use_uploads(
    session: AsyncSession, caller: Caller, *, purpose: UploadPurpose, uploads: Places
) -> dict[UUID, str]:
    """Take files that the caller sent: upload id -> path below the data folder. One statement.

    Raises: Refusals of NotFound, also for what was used before; of UnreadableUpload for an upload
    whose file was not sent yet.
    """
    used = await session.execute(
        update(Upload)
        .where(
            Upload.id == any_(bindparam("uploads", type_=ARRAY(Uuid()))),
            Upload.owner_id == caller.subject,
            Upload.purpose == purpose,
            Upload.status == UploadStatus.RECEIVED,
        )
        .values(status=UploadStatus.USED)
        .returning(Upload.id, Upload.path),
        {"uploads": list(uploads)},
    )
    paths = {row.id: row.path for row in used}
    missing = [key for key in uploads if key not in paths]
    if missing:
        raise Refusals(await _refusals(session, caller, purpose, uploads, missing))
    return paths


async def _refusals(
    session: AsyncSession,
    caller: Caller,
    purpose: UploadPurpose,
    uploads: Places,
    missing: Sequence[UUID],
) -> list[DomainError]:
    announced = await session.scalars(
        select(Upload.id).where(
            Upload.id.in_(missing),
            Upload.owner_id == caller.subject,
            Upload.purpose == purpose,
            Upload.status == UploadStatus.STAGED,
        )
    )
    waiting = set(announced)
    return [
        UnreadableUpload(problem=UploadProblem.NOT_RECEIVED, path=uploads[key])
        if key in waiting
        else NotFound(kind="StagedUpload", id=key, path=uploads[key])
        for key in missing
    ]


async def sweep(db: Database, data_dir: Path) -> int:
    """Forget uploads whose time has passed, and remove files nobody needs: how many uploads.

    For a worker, every few minutes; several may run it at once.
    """
    async with db.transaction() as session:
        gone = await session.execute(
            delete(Upload)
            .where(Upload.expires_at < clock.now(), Upload.status != UploadStatus.USED)
            .returning(Upload.path)
        )
        paths = [row.path for row in gone]
    await asyncio.to_thread(discard, data_dir, [path for path in paths if path])
    await asyncio.to_thread(discard_old, data_dir)
    return len(paths)
