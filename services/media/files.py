"""Where files lie below the data folder. Names are ours: nothing a client says gets into a path."""

import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import UUID

UPLOADS_FOLDER: Final = "uploads"
MEDIA_FOLDER: Final = "media"
KEPT_SECONDS: Final = 7 * 24 * 3600.0  # of files in the uploads folder, whatever became of them


def new_upload_file(data_dir: Path, upload_id: UUID) -> Path:
    """A name of its own for each attempt to send the file: two at once don't meet."""
    folder = data_dir / UPLOADS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{upload_id.hex}.{secrets.token_hex(4)}"


def discard(data_dir: Path, paths: Iterable[str]) -> None:
    """paths: below the data folder."""
    for path in paths:
        (data_dir / path).unlink(missing_ok=True)


def discard_old(data_dir: Path) -> int:
    """Remove files that a dead process or a broken connection left behind; how many they were."""
    folder = data_dir / UPLOADS_FOLDER
    if not folder.is_dir():
        return 0
    limit = time.time() - KEPT_SECONDS
    old = [file for file in folder.iterdir() if file.stat().st_mtime < limit]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
