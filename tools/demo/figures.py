"""The figures of the demo pictures, each of a few plain shapes."""

from collections.abc import Callable
from typing import Final

from tools.demo.pen import Pen


def _chair(pen: Pen) -> None:
    pen.box((30, 22, 64, 56), pen.main, 6)
    pen.box((26, 54, 74, 63), pen.dark, 4)
    pen.line(32, 62, 28, 84, colour=pen.dark, thick=3)
    pen.line(68, 62, 72, 84, colour=pen.dark, thick=3)


def _table(pen: Pen) -> None:
    pen.oval((20, 36, 80, 50), pen.dark)
    pen.oval((20, 33, 80, 47), pen.main)
    for x, foot in ((34, 28), (50, 50), (66, 72)):
        pen.line(x, 46, foot, 85, colour=pen.dark, thick=3)


def _shelf(pen: Pen) -> None:
    for x in (32, 68):
        pen.line(x, 16, x, 86, colour=pen.dark, thick=3)
    for n in range(5):
        pen.box((28, 22 + 14 * n, 72, 26 + 14 * n), pen.main, 1)


def _lamp(pen: Pen) -> None:
    pen.line(50, 45, 50, 80, colour=pen.dark, thick=4)
    pen.box((36, 79, 64, 85), pen.dark, 3)
    pen.shape(38, 20, 62, 20, 74, 50, 26, 50, colour=pen.main)


def _ring(pen: Pen) -> None:
    pen.line(50, 4, 50, 30, colour=pen.dark, thick=1)
    pen.ring((24, 28, 76, 80), pen.main, 8)


def _pot(pen: Pen) -> None:
    pen.box((16, 48, 84, 54), pen.dark, 3)
    pen.box((24, 42, 76, 82), pen.main, 9)
    pen.box((24, 36, 76, 43), pen.dark, 3)
    pen.oval((45, 28, 55, 38), pen.dark)


def _bowl(pen: Pen) -> None:
    pen.shape(18, 44, 82, 44, 66, 80, 34, 80, colour=pen.main)
    pen.oval((18, 36, 82, 52), pen.dark)
    pen.oval((22, 38, 78, 50), pen.light)


def _mug(pen: Pen) -> None:
    pen.ring((58, 42, 84, 70), pen.dark, 5)
    pen.box((26, 32, 68, 82), pen.main, 7)
    pen.oval((26, 28, 68, 38), pen.dark)


def _fold(pen: Pen) -> None:
    pen.box((20, 60, 80, 82), pen.dark, 7)
    pen.box((22, 44, 78, 64), pen.main, 7)
    pen.box((26, 30, 74, 48), pen.light, 7)


def _basket(pen: Pen) -> None:
    pen.arc((32, 18, 68, 70), 180, 360, pen.dark, 3)
    pen.shape(22, 42, 78, 42, 70, 84, 30, 84, colour=pen.main)
    for n in range(4):
        pen.line(25 + n, 50 + 9 * n, 75 - n, 50 + 9 * n, colour=pen.dark, thick=1.5)


def _bottle(pen: Pen) -> None:
    pen.box((43, 14, 57, 38), pen.dark, 3)
    pen.box((32, 32, 68, 84), pen.main, 12)
    pen.box((32, 54, 68, 70), pen.light, 1)


def _jar(pen: Pen) -> None:
    pen.box((30, 26, 70, 84), pen.main, 8)
    pen.box((28, 18, 72, 30), pen.dark, 3)
    pen.box((30, 46, 70, 66), pen.light, 1)


def _jacket(pen: Pen) -> None:
    pen.shape(
        36,
        22,
        64,
        22,
        90,
        62,
        78,
        70,
        70,
        54,
        70,
        84,
        30,
        84,
        30,
        54,
        22,
        70,
        10,
        62,
        colour=pen.main,
    )
    pen.shape(40, 14, 60, 14, 66, 26, 34, 26, colour=pen.dark)
    pen.line(50, 24, 50, 84, colour=pen.dark, thick=1.5)


def _vest(pen: Pen) -> None:
    pen.shape(36, 18, 64, 18, 74, 40, 72, 84, 28, 84, 26, 40, colour=pen.main)
    for y in (38, 52, 66):
        pen.line(28, y, 72, y, colour=pen.dark, thick=1.2)
    pen.line(50, 18, 50, 84, colour=pen.dark, thick=1.5)


def _shirt(pen: Pen) -> None:
    pen.shape(
        36,
        20,
        64,
        20,
        86,
        40,
        76,
        52,
        68,
        44,
        68,
        84,
        32,
        84,
        32,
        44,
        24,
        52,
        14,
        40,
        colour=pen.main,
    )
    pen.arc((40, 10, 60, 30), 0, 180, pen.dark, 2)


def _cap(pen: Pen) -> None:
    pen.oval((24, 24, 76, 84), pen.main)
    pen.box((20, 58, 80, 76), pen.dark, 5)
    pen.oval((45, 16, 55, 28), pen.dark)


def _pack(pen: Pen) -> None:
    pen.arc((38, 8, 62, 36), 180, 360, pen.dark, 3)
    pen.box((26, 20, 74, 84), pen.main, 14)
    pen.box((32, 54, 68, 80), pen.dark, 6)
    pen.line(30, 42, 70, 42, colour=pen.light, thick=1.5)


def _bag(pen: Pen) -> None:
    pen.arc((34, 18, 66, 66), 180, 360, pen.dark, 3)
    pen.box((14, 42, 86, 82), pen.main, 10)
    pen.line(18, 54, 82, 54, colour=pen.light, thick=1.5)


def _tent(pen: Pen) -> None:
    pen.shape(50, 22, 90, 82, 10, 82, colour=pen.main)
    pen.shape(50, 22, 64, 82, 36, 82, colour=pen.dark)


def _headphones(pen: Pen) -> None:
    pen.arc((22, 18, 78, 84), 180, 360, pen.dark, 5)
    pen.box((16, 46, 34, 78), pen.main, 8)
    pen.box((66, 46, 84, 78), pen.main, 8)


def _dots(pen: Pen) -> None:
    for x, y, size in ((30, 48, 22), (60, 40, 26), (48, 66, 18)):
        pen.oval((x - size / 2, y - size / 2, x + size / 2, y + size / 2), pen.main)
        pen.oval((x - size / 6, y - size / 5, x + size / 10, y), pen.light)


def _speaker(pen: Pen) -> None:
    pen.box((30, 16, 70, 84), pen.dark, 6)
    pen.oval((38, 24, 62, 44), pen.main)
    pen.oval((34, 46, 66, 78), pen.main)
    pen.oval((44, 56, 56, 68), pen.dark)


def _keyboard(pen: Pen) -> None:
    pen.box((10, 36, 90, 74), pen.dark, 5)
    for row in range(3):
        for key in range(9):
            left, top = 14 + 8.2 * key, 41 + 10 * row
            pen.box((left, top, left + 6.4, top + 8), pen.main, 1.5)


def _block(pen: Pen) -> None:
    pen.box((22, 28, 78, 82), pen.main, 8)
    pen.box((30, 38, 70, 52), pen.light, 3)
    for x in (36, 50, 64):
        pen.oval((x - 3, 64, x + 3, 70), pen.dark)


def _bell(pen: Pen) -> None:
    pen.oval((44, 12, 56, 24), pen.dark)
    pen.shape(38, 24, 62, 24, 74, 72, 26, 72, colour=pen.main)
    pen.box((22, 70, 78, 77), pen.dark, 3)
    pen.oval((44, 74, 56, 86), pen.main)


def _leaf(pen: Pen) -> None:
    for turn in (-14, 14):
        pen.oval((34 + turn, 20, 66 + turn, 78), pen.main)
    pen.line(50, 24, 50, 84, colour=pen.dark, thick=2)
    for y in (40, 54):
        pen.line(50, y + 10, 34, y, colour=pen.dark, thick=1.2)
        pen.line(50, y + 10, 66, y, colour=pen.dark, thick=1.2)


def _bean(pen: Pen) -> None:
    for x, y in ((34, 36), (62, 44), (42, 68)):
        pen.oval((x - 13, y - 17, x + 13, y + 17), pen.main)
        pen.arc((x - 10, y - 15, x + 6, y + 15), 270, 90, pen.dark, 2)


def _book(pen: Pen) -> None:
    pen.box((28, 16, 76, 86), pen.dark, 4)
    pen.box((24, 14, 72, 84), pen.main, 4)
    pen.line(32, 14, 32, 84, colour=pen.dark, thick=2)
    pen.box((40, 28, 64, 40), pen.light, 2)


def _pen(pen: Pen) -> None:
    pen.line(26, 78, 70, 22, colour=pen.main, thick=8)
    pen.shape(18, 88, 22, 74, 30, 80, colour=pen.dark)
    pen.line(66, 27, 72, 19, colour=pen.dark, thick=8)


def _stack(pen: Pen) -> None:
    for n, colour in enumerate((pen.dark, pen.main, pen.light, pen.main)):
        pen.box((22 + 6 * n, 68 - 16 * n, 78 - 6 * n, 84 - 16 * n), colour, 7)


def _fox(pen: Pen) -> None:
    pen.shape(24, 18, 44, 34, 56, 34, 76, 18, 74, 52, 50, 82, 26, 52, colour=pen.main)
    pen.shape(38, 58, 62, 58, 50, 82, colour=pen.light)
    for x in (40, 60):
        pen.oval((x - 3, 46, x + 3, 52), pen.dark)
    pen.oval((47, 76, 53, 82), pen.dark)


def _puzzle(pen: Pen) -> None:
    for x, y, colour in ((22, 24, pen.main), (51, 24, pen.dark), (22, 53, pen.dark)):
        pen.box((x, y, x + 27, y + 27), colour, 3)
    pen.box((54, 56, 82, 84), pen.main, 3)
    pen.oval((45, 33, 55, 43), pen.main)
    pen.oval((31, 46, 41, 56), pen.dark)


FIGURES: Final[dict[str, Callable[[Pen], None]]] = {
    "bag": _bag,
    "basket": _basket,
    "bean": _bean,
    "bell": _bell,
    "block": _block,
    "book": _book,
    "bottle": _bottle,
    "bowl": _bowl,
    "cap": _cap,
    "chair": _chair,
    "dots": _dots,
    "fold": _fold,
    "fox": _fox,
    "headphones": _headphones,
    "jacket": _jacket,
    "jar": _jar,
    "keyboard": _keyboard,
    "lamp": _lamp,
    "leaf": _leaf,
    "mug": _mug,
    "pack": _pack,
    "pen": _pen,
    "pot": _pot,
    "puzzle": _puzzle,
    "ring": _ring,
    "shelf": _shelf,
    "shirt": _shirt,
    "speaker": _speaker,
    "stack": _stack,
    "table": _table,
    "tent": _tent,
    "vest": _vest,
}
