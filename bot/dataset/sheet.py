"""The contact sheet: numbered thumbnails of what would be trained on, for people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

MOST = 30
TILE = 240
_GAP = 12
_GROUND = (30, 31, 34)
_LABEL = (20, 20, 22, 190)
_TEXT = (242, 243, 245)
_MARKED = (240, 178, 50)


def thumbnail(image: Image.Image) -> Image.Image:
    """Return the picture's middle as one square tile."""
    small = image.reduce(max(1, min(image.size) // (2 * TILE)))  # ten times faster than resizing at once
    return ImageOps.fit(small, (TILE, TILE), Image.Resampling.BICUBIC)


def draw(tiles: Sequence[Image.Image], total: int, marked: frozenset[int], path: Path) -> None:
    """Write the sheet as a JPEG; `marked` numbers, those with advice, stand out, and the last tile counts the rest."""
    columns = len(tiles) if len(tiles) < 4 else min((6, 5, 4), key=lambda count: -len(tiles) % count)
    rows = -(-len(tiles) // columns)
    size = [count * (TILE + _GAP) + _GAP for count in (columns, rows)]
    sheet = Image.new("RGB", (size[0], size[1]), _GROUND)
    for index, tile in enumerate(tiles):
        place = (_GAP + index % columns * (TILE + _GAP), _GAP + index // columns * (TILE + _GAP))
        rest = total - len(tiles) if index == len(tiles) - 1 else 0
        sheet.paste(_labelled(tile, str(index + 1), index + 1 in marked, rest), place, _rounded())
    sheet.save(path, "JPEG", quality=88)


def _labelled(tile: Image.Image, text: str, marked: bool, rest: int) -> Image.Image:
    tile = tile.copy()
    pen = ImageDraw.Draw(tile, "RGBA")
    if rest:
        pen.rectangle((0, 0, TILE, TILE), (0, 0, 0, 150))
        pen.text((TILE / 2, TILE / 2), f"+{rest}", _TEXT, _font(56), anchor="mm")
    width = 20 + pen.textlength(text, _font(24))
    pen.rounded_rectangle((8, 8, 8 + width, 42), 10, _LABEL)
    pen.text((8 + width / 2, 25), text, _MARKED if marked else _TEXT, _font(24), anchor="mm")
    return tile


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@cache
def _rounded() -> Image.Image:
    mask = Image.new("L", (TILE * 2, TILE * 2))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, TILE * 2 - 1, TILE * 2 - 1), 36, 255)
    return mask.resize((TILE, TILE), Image.Resampling.LANCZOS)
