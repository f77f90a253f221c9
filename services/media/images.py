"""Pictures: read, cleaned of what does not belong to the picture, made smaller, stored.

A file is what its content says, never what its sender says. Everything is encoded anew: place and
camera in the metadata go, and so does anything else that was hidden in the file. Of an animation
the first frame stays.
"""

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

from services.media.errors import UnreadableUpload, UploadProblem
from services.media.files import MEDIA_FOLDER

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
MAX_SIDE: Final = 12_000  # pixels, of what is sent
MAX_PIXELS: Final = 32_000_000
KEPT_SIDE: Final = 4_096  # pixels, of what is kept
THUMBNAILS: Final = {"large": 960, "small": 240}  # longest side; each made from the one before
MAX_PROFILE_BYTES: Final = 64 * 1024
_KEPT_AS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "JPEG": ("jpg", "JPEG", {"quality": 90, "optimize": True, "progressive": True}),
    "PNG": ("png", "PNG", {}),
    "WEBP": ("webp", "WEBP", {"quality": 90}),
    "GIF": ("png", "PNG", {}),
}

# Pillow lets go of the interpreter while it works, so threads do; two, because memory counts.
_POOL: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """path, thumbnails: below the media folder; thumbnails by their size. Sides in pixels."""

    path: str
    thumbnails: dict[str, str]
    content_type: str
    width: int
    height: int
    bytes: int


async def store_picture(source: Path, data_dir: Path) -> StoredPicture:
    """Raises: UnreadableUpload."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_POOL, _store, source, data_dir / MEDIA_FOLDER)


def _store(source: Path, media: Path) -> StoredPicture:
    try:
        image, kind = _read(source)
    except (OSError, ValueError, SyntaxError, EOFError):  # whatever Pillow's readers raise
        raise UnreadableUpload(problem=UploadProblem.NOT_AN_IMAGE) from None
    with source.open("rb") as file:
        name = hashlib.file_digest(file, "sha256").hexdigest()
    folder = media / name[:2]
    folder.mkdir(parents=True, exist_ok=True)
    ending, encoding, options = _KEPT_AS[kind]
    original = folder / f"{name}.{ending}"
    _save(image, original, encoding, options)
    thumbnails: dict[str, str] = {}
    smaller = image.copy()
    for size, side in THUMBNAILS.items():
        smaller.thumbnail((side, side), reducing_gap=2.0)
        file_name = f"{name}-{size}.webp"
        _save(smaller, folder / file_name, "WEBP", {"quality": 82})
        thumbnails[size] = f"{folder.name}/{file_name}"
    return StoredPicture(
        path=f"{folder.name}/{original.name}",
        thumbnails=thumbnails,
        content_type=Image.MIME[encoding],
        width=image.width,
        height=image.height,
        bytes=original.stat().st_size,
    )


def _read(source: Path) -> tuple[Image.Image, str]:
    """The picture, upright, of a reasonable size: looked at before anything is unpacked."""
    try:
        with Image.open(source, formats=FORMATS) as opened:
            kind = str(opened.format)
            if max(opened.size) > MAX_SIDE or opened.width * opened.height > MAX_PIXELS:
                raise UnreadableUpload(problem=UploadProblem.TOO_MANY_PIXELS)
            opened.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
            opened.load()
            upright: Image.Image = ImageOps.exif_transpose(opened)
            image = _plain(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableUpload(problem=UploadProblem.TOO_MANY_PIXELS) from None
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), reducing_gap=2.0)
    return image, kind


def _plain(image: Image.Image) -> Image.Image:
    """In red, green, blue, perhaps alpha; of the metadata only what the colours mean."""
    is_transparent = image.has_transparency_data
    mode = "RGBA" if is_transparent else "RGB"
    profile = image.info.get("icc_profile") if image.mode == mode else None
    plain = image.convert(mode)
    plain.info.clear()
    if isinstance(profile, bytes) and len(profile) <= MAX_PROFILE_BYTES:
        plain.info["icc_profile"] = profile
    return plain


def _save(image: Image.Image, file: Path, encoding: str, options: dict[str, Any]) -> None:
    """Nobody ever sees half a file."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    profile = {"icc_profile": image.info["icc_profile"]} if "icc_profile" in image.info else {}
    try:
        image.save(unfinished, encoding, **options, **profile)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
