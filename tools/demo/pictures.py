"""Pictures of the demo products: a calm ground and a simple shape, the same every time."""

import hashlib
import io
import math
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from tools.demo.figures import FIGURES
from tools.demo.pen import Colour, Pen

SIDE: Final = 720  # pixels; drawn at twice the size, so that edges are smooth

# Ground (light, dark) and figure; one of them fits every product.
PALETTES: Final[tuple[tuple[Colour, Colour, Colour, Colour], ...]] = (
    ((250, 244, 235), (232, 214, 190), (178, 104, 66), (94, 62, 48)),
    ((238, 244, 240), (196, 216, 204), (74, 116, 98), (38, 64, 56)),
    ((240, 244, 250), (196, 210, 230), (72, 102, 150), (36, 50, 84)),
    ((252, 242, 240), (236, 206, 200), (180, 84, 92), (92, 44, 58)),
    ((248, 246, 238), (224, 218, 190), (150, 134, 62), (80, 72, 40)),
    ((244, 241, 248), (212, 204, 228), (112, 92, 150), (58, 48, 88)),
)


def picture(slug: str, shape: str) -> bytes:
    """A WebP of SIDE by SIDE pixels; the slug chooses the colours."""
    digest = hashlib.sha256(slug.encode()).digest()
    light, shade, main, dark = PALETTES[digest[0] % len(PALETTES)]
    image = _ground(light, shade, angle=digest[1] / 255 * math.tau)
    image.paste(dark, mask=_shadow())
    FIGURES[shape](Pen(image, main, dark, light))
    written = io.BytesIO()
    image.reduce(2).save(written, "WEBP", quality=82, method=1)
    return written.getvalue()


def _ground(light: Colour, shade: Colour, angle: float) -> Image.Image:
    """A gradient, drawn small and stretched: smooth, and cheap."""
    small = Image.new("RGB", (16, 16))
    for x in range(16):
        for y in range(16):
            along = (x - 7.5) * math.cos(angle) + (y - 7.5) * math.sin(angle)
            part = min(max(along / 20 + 0.5, 0), 1)
            mixed = [round(a + (b - a) * part) for a, b in zip(light, shade, strict=True)]
            small.putpixel((x, y), (mixed[0], mixed[1], mixed[2]))
    return small.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BILINEAR)


@cache
def _shadow() -> Image.Image:
    """Under every figure, drawn small and stretched."""
    small = Image.new("L", (120, 120))
    ImageDraw.Draw(small).ellipse((26, 96, 94, 108), fill=90)
    soft = small.filter(ImageFilter.GaussianBlur(3))
    return soft.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BICUBIC)
