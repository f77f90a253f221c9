"""Import files as if they had been sent."""

from datetime import timedelta
from pathlib import Path

from core.clock import now
from core.db import Database
from core.ids import encode, new_id
from models.accounts import User
from models.platform import Upload, UploadPurpose, UploadStatus


async def sent_file(
    db: Database,
    data_dir: Path,
    owner: User,
    content: bytes,
    *,
    status: UploadStatus = UploadStatus.RECEIVED,
    purpose: UploadPurpose = UploadPurpose.IMPORT,
) -> str:
    """The outside id of an upload whose file lies in the data folder."""
    upload_id = new_id()
    (data_dir / "uploads").mkdir(exist_ok=True)
    (data_dir / "uploads" / upload_id.hex).write_bytes(content)
    async with db.transaction() as session:
        session.add(
            Upload(
                id=upload_id,
                owner_id=owner.id,
                purpose=purpose,
                status=status,
                filename="rows.jsonl",
                content_type="",
                path=f"uploads/{upload_id.hex}",
                size=len(content),
                expires_at=now() + timedelta(days=1),
            )
        )
    return encode("upload", upload_id)
