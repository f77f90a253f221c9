"""Pictures are what their content says, and nothing else is kept of them."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.media import UnreadableUpload, UploadProblem, store_picture
from tests.media.conftest import picture

GPS = 0x8825
ORIENTATION = 0x0112


def written(folder: Path, content: bytes) -> Path:
    file = folder / "upload"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("kind", "mode", "content_type", "ending"),
    [
        ("JPEG", "RGB", "image/jpeg", ".jpg"),
        ("JPEG", "CMYK", "image/jpeg", ".jpg"),
        ("PNG", "RGBA", "image/png", ".png"),
        ("PNG", "L", "image/png", ".png"),
        ("WEBP", "RGB", "image/webp", ".webp"),
        ("GIF", "P", "image/png", ".png"),
    ],
)
async def test_four_formats_are_kept_with_two_thumbnails(
    tmp_path: Path, kind: str, mode: str, content_type: str, ending: str
) -> None:
    source = written(tmp_path, picture(kind, mode=mode))

    stored = await store_picture(source, tmp_path)

    assert (stored.width, stored.height, stored.content_type) == (1200, 800, content_type)
    assert stored.path.endswith(ending)
    assert stored.bytes == (tmp_path / "media" / stored.path).stat().st_size
    sizes = {}
    for name, path in stored.thumbnails.items():
        with Image.open(tmp_path / "media" / path) as thumbnail:
            sizes[name] = thumbnail.format, thumbnail.size
    assert sizes == {"large": ("WEBP", (960, 640)), "small": ("WEBP", (240, 160))}


async def test_the_same_file_has_the_same_name_again(tmp_path: Path) -> None:
    source = written(tmp_path, picture())

    first, second = [await store_picture(source, tmp_path) for _ in range(2)]

    assert first == second
    assert len([file for file in (tmp_path / "media").rglob("*") if file.is_file()]) == 3


async def test_place_and_camera_go_and_the_picture_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # lying on its side
    exif.get_ifd(GPS)[1] = "N"
    content = picture("JPEG", exif=exif, comment=b"secret place")
    assert b"secret place" in content

    stored = await store_picture(written(tmp_path, content), tmp_path)

    kept = (tmp_path / "media" / stored.path).read_bytes()
    assert (stored.width, stored.height) == (800, 1200)
    assert b"secret place" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert dict(image.getexif()) == {}


async def test_what_is_larger_than_pages_need_is_made_smaller(tmp_path: Path) -> None:
    source = written(tmp_path, picture("JPEG", size=(6000, 3000)))

    stored = await store_picture(source, tmp_path)

    assert (stored.width, stored.height) == (4096, 2048)


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it has very many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data)


FILES: list[tuple[Any, UploadProblem]] = [
    (b"%PDF-1.7 no picture", UploadProblem.NOT_AN_IMAGE),
    (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", UploadProblem.NOT_AN_IMAGE),
    (b"<html><script>alert(1)</script>", UploadProblem.NOT_AN_IMAGE),
    (b"\xff\xd8\xff\xe0", UploadProblem.NOT_AN_IMAGE),
    (b"\x00", UploadProblem.NOT_AN_IMAGE),
    (picture("JPEG")[:2000], UploadProblem.NOT_AN_IMAGE),
    (picture("PNG")[:300], UploadProblem.NOT_AN_IMAGE),
    (picture("WEBP")[:200], UploadProblem.NOT_AN_IMAGE),
    (picture("BMP"), UploadProblem.NOT_AN_IMAGE),
    (picture("TIFF"), UploadProblem.NOT_AN_IMAGE),
    (bomb(30_000, 30_000), UploadProblem.TOO_MANY_PIXELS),
    (bomb(8_000, 8_000), UploadProblem.TOO_MANY_PIXELS),
    (bomb(12_001, 10), UploadProblem.TOO_MANY_PIXELS),
    (bomb(100, 100), UploadProblem.NOT_AN_IMAGE),
]


@pytest.mark.parametrize(("content", "problem"), FILES)
async def test_what_is_no_picture_is_refused_and_nothing_is_kept(
    tmp_path: Path, content: bytes, problem: UploadProblem
) -> None:
    source = written(tmp_path, content)

    with pytest.raises(UnreadableUpload) as refusal:
        await store_picture(source, tmp_path)

    assert refusal.value.problem is problem
    assert not (tmp_path / "media").exists()
