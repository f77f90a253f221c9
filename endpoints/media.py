"""`/media/…`: pictures, named for their content, so that everybody may keep them for ever."""

import mimetypes
import os
import re
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

mimetypes.add_type("image/webp", ".webp")  # Python 3.11 does not know it

CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
_NAME: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}(-small|-large)?\.(jpg|png|webp)")


class MediaFiles(StaticFiles):
    """Serves files with names that `services.media` gives, and no other."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, check_dir=False)

    async def check_config(self) -> None:
        """Nothing to complain about: the folder comes with the first picture."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return super().lookup_path(path) if _NAME.fullmatch(path) else ("", None)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = CACHE_CONTROL
        return response
