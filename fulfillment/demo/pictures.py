"""Draws the articles: a simple silhouette in the colour of the variant, as a small PNG."""

import io
from collections.abc import Callable

from PIL import Image, ImageColor, ImageDraw

SIZE = 480
SHOWN = 240
PAPER, SHADOW = "#f6f4ef", "#e3dfd6"

Pen = ImageDraw.ImageDraw
Paint = tuple[int, ...]


def draw(shape: str, paint: str) -> bytes:
    """Return the PNG of a shape in a colour such as `#34447c`; the same bytes every time."""
    image = Image.new("RGB", (SIZE, SIZE), PAPER)
    pen = ImageDraw.Draw(image)
    pen.ellipse((90, 385, 390, 430), fill=SHADOW)
    SHAPES[shape](pen, ImageColor.getrgb(paint))
    small = image.resize((SHOWN, SHOWN), Image.Resampling.LANCZOS).quantize(64)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _darker(paint: Paint, share: float = 0.78) -> Paint:
    return tuple(int(part * share) for part in paint)


def _lighter(paint: Paint, share: float = 0.35) -> Paint:
    return tuple(int(part + (255 - part) * share) for part in paint)


def _mug(pen: Pen, paint: Paint) -> None:
    pen.ellipse((300, 190, 400, 320), outline=_darker(paint), width=26)
    pen.rounded_rectangle((120, 140, 340, 400), 40, fill=paint)
    pen.ellipse((120, 115, 340, 175), fill=_darker(paint))
    pen.rectangle((150, 200, 172, 350), fill=_lighter(paint))


def _bowl(pen: Pen, paint: Paint) -> None:
    pen.pieslice((80, 60, 400, 400), 0, 180, fill=paint)
    pen.ellipse((80, 190, 400, 270), fill=_darker(paint))
    pen.rectangle((190, 388, 290, 408), fill=_darker(paint))


def _plate(pen: Pen, paint: Paint) -> None:
    pen.ellipse((70, 80, 410, 420), fill=paint)
    pen.ellipse((120, 130, 360, 370), outline=_darker(paint, 0.88), width=8)
    pen.ellipse((132, 142, 348, 358), fill=_lighter(paint, 0.15))


def _teapot(pen: Pen, paint: Paint) -> None:
    pen.polygon([(330, 250), (430, 190), (440, 215), (340, 320)], fill=_darker(paint))
    pen.arc((50, 190, 190, 350), 90, 270, fill=_darker(paint), width=24)
    pen.ellipse((110, 180, 360, 405), fill=paint)
    pen.ellipse((170, 165, 300, 215), fill=_darker(paint))
    pen.ellipse((222, 135, 250, 170), fill=_darker(paint))


def _jug(pen: Pen, paint: Paint) -> None:
    pen.arc((290, 180, 410, 340), 270, 90, fill=_darker(paint), width=24)
    pen.polygon([(140, 130), (120, 110), (330, 130), (350, 400), (130, 400)], fill=paint)
    pen.ellipse((130, 110, 330, 160), fill=_darker(paint))


def _vase(pen: Pen, paint: Paint) -> None:
    pen.ellipse((130, 190, 350, 410), fill=paint)
    pen.rectangle((200, 90, 280, 240), fill=paint)
    pen.ellipse((185, 75, 295, 110), fill=_darker(paint))
    pen.ellipse((165, 250, 200, 350), fill=_lighter(paint))


def _pot(pen: Pen, paint: Paint) -> None:
    pen.ellipse((150, 50, 330, 200), fill="#7d9a63")
    pen.polygon([(120, 190), (360, 190), (325, 405), (155, 405)], fill=paint)
    pen.rectangle((105, 165, 375, 215), fill=_darker(paint))


def _glass(pen: Pen, paint: Paint) -> None:
    pen.polygon([(140, 110), (340, 110), (315, 405), (165, 405)], fill=paint)
    pen.polygon([(150, 230), (330, 230), (313, 395), (167, 395)], fill=_lighter(paint, 0.5))
    pen.ellipse((140, 90, 340, 132), fill=_darker(paint, 0.9))


def _wine(pen: Pen, paint: Paint) -> None:
    pen.pieslice((150, -40, 330, 270), 0, 180, fill=paint)
    pen.ellipse((150, 95, 330, 135), fill=_darker(paint, 0.9))
    pen.rectangle((232, 265, 248, 395), fill=_darker(paint, 0.9))
    pen.ellipse((165, 385, 315, 415), fill=paint)


def _jar(pen: Pen, paint: Paint) -> None:
    pen.rounded_rectangle((130, 160, 350, 405), 36, fill=paint)
    pen.rounded_rectangle((150, 100, 330, 165), 16, fill="#b98d5b")
    pen.rectangle((160, 240, 320, 330), fill=_lighter(paint, 0.6))


def _cloth(pen: Pen, paint: Paint) -> None:
    pen.rectangle((110, 90, 370, 410), fill=paint)
    for top in (120, 136, 350, 366):
        pen.rectangle((110, top, 370, top + 7), fill=_lighter(paint))
    pen.polygon([(110, 90), (240, 90), (240, 410), (110, 410)], fill=_darker(paint, 0.92))


def _apron(pen: Pen, paint: Paint) -> None:
    pen.polygon(
        [(185, 110), (295, 110), (370, 230), (370, 410), (110, 410), (110, 230)], fill=paint
    )
    pen.arc((190, 40, 290, 170), 180, 360, fill=_darker(paint), width=14)
    pen.rectangle((180, 290, 300, 360), fill=_darker(paint, 0.88))


def _cushion(pen: Pen, paint: Paint) -> None:
    pen.rounded_rectangle((85, 115, 395, 405), 55, fill=paint)
    pen.line((105, 140, 375, 380), fill=_lighter(paint, 0.25), width=10)
    pen.line((375, 140, 105, 380), fill=_lighter(paint, 0.25), width=10)


def _blanket(pen: Pen, paint: Paint) -> None:
    for fold, top in enumerate((300, 220, 140)):
        pen.rounded_rectangle((90, top, 390, top + 95), 40, fill=_darker(paint, 1 - 0.1 * fold))


def _board(pen: Pen, paint: Paint) -> None:
    pen.rounded_rectangle((110, 130, 370, 410), 30, fill=paint)
    pen.rounded_rectangle((205, 60, 275, 150), 28, fill=paint)
    pen.ellipse((225, 78, 255, 108), fill=PAPER)
    for left in (165, 240, 310):
        pen.line((left, 150, left + 12, 395), fill=_darker(paint, 0.9), width=5)


def _spoon(pen: Pen, paint: Paint) -> None:
    pen.line((180, 400, 290, 190), fill=_darker(paint, 0.92), width=26)
    pen.ellipse((240, 60, 380, 220), fill=paint)
    pen.ellipse((268, 88, 352, 190), fill=_darker(paint, 0.88))


def _hook(pen: Pen, paint: Paint) -> None:
    pen.rectangle((168, 180, 196, 325), fill=_darker(paint))
    pen.ellipse((150, 90, 330, 270), fill=paint)
    pen.ellipse((215, 155, 265, 205), fill=_darker(paint))
    pen.arc((170, 230, 310, 400), 0, 180, fill=_darker(paint), width=28)


def _frame(pen: Pen, paint: Paint) -> None:
    pen.rectangle((120, 70, 360, 410), fill=paint)
    pen.rectangle((150, 100, 330, 380), fill="#ffffff")
    pen.polygon([(160, 370), (220, 250), (260, 310), (290, 270), (320, 370)], fill="#9fb3a5")


def _candle(pen: Pen, paint: Paint) -> None:
    pen.rounded_rectangle((145, 190, 335, 405), 24, fill=paint)
    pen.rectangle((180, 260, 300, 340), fill=_lighter(paint, 0.6))
    pen.line((240, 190, 240, 150), fill="#3b332c", width=8)
    pen.ellipse((222, 85, 258, 155), fill="#f0b440")


def _tapers(pen: Pen, paint: Paint) -> None:
    for place, left in enumerate((120, 180, 240, 300)):
        pen.rounded_rectangle(
            (left, 100 + 12 * place, left + 46, 405), 20, fill=_darker(paint, 1 - 0.06 * place)
        )
    pen.rectangle((105, 255, 365, 295), fill="#cdb894")


def _book(pen: Pen, paint: Paint) -> None:
    pen.rectangle((135, 85, 375, 405), fill="#ffffff")
    pen.rectangle((115, 75, 350, 400), fill=paint)
    pen.rectangle((115, 75, 150, 400), fill=_darker(paint))
    pen.rectangle((190, 140, 310, 200), fill=_lighter(paint, 0.7))


def _card(pen: Pen, paint: Paint) -> None:
    pen.rectangle((90, 190, 330, 390), fill="#ffffff", outline=SHADOW, width=4)
    pen.rectangle((150, 130, 390, 330), fill=paint)
    pen.ellipse((220, 180, 320, 280), fill=_lighter(paint))


def _lamp(pen: Pen, paint: Paint) -> None:
    pen.polygon([(170, 80), (310, 80), (370, 220), (110, 220)], fill=paint)
    pen.rectangle((230, 220, 250, 385), fill=_darker(paint))
    pen.ellipse((150, 370, 330, 415), fill=paint)


def _bar(pen: Pen, paint: Paint) -> None:
    pen.rounded_rectangle((90, 210, 390, 400), 30, fill=paint)
    pen.rounded_rectangle((90, 190, 390, 260), 30, fill=_lighter(paint, 0.3))
    pen.rectangle((205, 190, 275, 400), fill=_darker(paint, 0.85))


SHAPES: dict[str, Callable[[Pen, Paint], None]] = {
    "mug": _mug,
    "bowl": _bowl,
    "plate": _plate,
    "teapot": _teapot,
    "jug": _jug,
    "vase": _vase,
    "pot": _pot,
    "glass": _glass,
    "wine": _wine,
    "jar": _jar,
    "cloth": _cloth,
    "apron": _apron,
    "cushion": _cushion,
    "blanket": _blanket,
    "board": _board,
    "spoon": _spoon,
    "hook": _hook,
    "frame": _frame,
    "candle": _candle,
    "tapers": _tapers,
    "book": _book,
    "card": _card,
    "lamp": _lamp,
    "bar": _bar,
}
