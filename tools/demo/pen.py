"""Draws plain shapes in hundredths of a picture."""

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


class Pen:
    """main, dark, light: the colours of a figure."""

    def __init__(self, image: Image.Image, main: Colour, dark: Colour, light: Colour) -> None:
        self._draw, self._unit = ImageDraw.Draw(image), image.width / 100
        self.main, self.dark, self.light = main, dark, light

    def box(self, box: Box, colour: Colour, round_by: float = 0) -> None:
        scaled = [value * self._unit for value in box]
        self._draw.rounded_rectangle(scaled, round_by * self._unit, fill=colour)

    def oval(self, box: Box, colour: Colour) -> None:
        self._draw.ellipse([value * self._unit for value in box], fill=colour)

    def ring(self, box: Box, colour: Colour, thick: float) -> None:
        scaled = [value * self._unit for value in box]
        self._draw.ellipse(scaled, outline=colour, width=round(thick * self._unit))

    def arc(self, box: Box, start: float, stop: float, colour: Colour, thick: float) -> None:
        scaled = [value * self._unit for value in box]
        self._draw.arc(scaled, start, stop, fill=colour, width=round(thick * self._unit))

    def line(self, *points: float, colour: Colour, thick: float) -> None:
        scaled = [value * self._unit for value in points]
        self._draw.line(scaled, fill=colour, width=round(thick * self._unit), joint="curve")

    def shape(self, *points: float, colour: Colour) -> None:
        self._draw.polygon([value * self._unit for value in points], fill=colour)
