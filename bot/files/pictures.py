"""Finished pictures: checked before they are shown, smaller where Discord wants that, several on a labelled sheet."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from bot.domain.catalog import LARGEST_SIDE
from bot.errors import AtelierError

READ = ("WEBP", "PNG", "JPEG")
JPEG = ("jpg", "image/jpeg")
FORMATS = {"WEBP": ("webp", "image/webp"), "PNG": ("png", "image/png"), "JPEG": JPEG, "MPO": JPEG}
"""The suffix and media type of what is shown, by Pillow's name for it; it finds an MPO behind a JPEG by itself."""
THUMBNAIL = (320, 320)  # pixels: what Discord shows beside a text, on a screen of double density
TILE, GAP, LABEL, CAPTION = 512, 16, 76, 92  # pixels of a sheet, which Discord shows at a third or a fourth of its size
MOST_COLUMNS = 4
GROUND, EMPTY, TEXT, QUIET = (30, 31, 34), (49, 51, 56), (242, 243, 245), (181, 186, 193)


class NotAPicture(AtelierError):
    """What Replicate delivered cannot be shown."""


def examine(path: Path) -> tuple[str, str, int, int]:
    """Decode a picture and return its suffix, media type, width and height; raises NotAPicture."""
    try:
        with Image.open(path, formats=READ) as image:
            width, height = image.size
            if max(width, height) > LARGEST_SIDE:
                raise NotAPicture(f"it is {width} x {height} pixels")
            if image.format != "WEBP":  # whose header cannot be read of a file that is cut short; decoding takes 17 ms
                image.load()
            suffix, media_type = FORMATS[image.format or ""]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture(f"it cannot be read as a picture ({type(error).__name__})") from error
    return suffix, media_type, width, height


def shrink(path: Path, size: int) -> bytes:
    """Encode a picture as a JPEG of at most so many bytes, as good as fits."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    while True:
        for quality in (90, 80, 65):
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality)
            if out.tell() <= size or max(image.size) <= 256:
                return out.getvalue()
        image.thumbnail((image.width * 3 // 4, image.height * 3 // 4))


def thumbnail(path: Path) -> bytes:
    """Encode a picture as a small JPEG, to be seen beside others; raises OSError."""
    with Image.open(path, formats=READ) as opened:
        opened.draft("RGB", THUMBNAIL)  # a JPEG is decoded no larger than needed
        image = opened.convert("RGB")
    image.thumbnail(THUMBNAIL)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a labelled sheet; without a path, the words that stand in its place."""

    label: str
    path: Path | None
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """Pictures that belong together, below a caption if there is one."""

    caption: str
    tiles: Sequence[Tile]


def draw_sheet(bands: Sequence[Band], out: Path) -> None:
    """Write a labelled sheet of pictures as a JPEG, at once and whole; a picture that cannot be read is left empty."""
    shown = [[_thumbnail(tile.path) for tile in band.tiles] for band in bands]
    known = [image for images in shown for image in images if image]
    wide = max((image.width for image in known), default=TILE)
    high = max((image.height for image in known), default=TILE)
    columns = _columns(max(len(band.tiles) for band in bands))
    width = columns * (wide + GAP) + GAP
    parts = [_band(band, images, columns, (wide, high), width) for band, images in zip(bands, shown, strict=True)]
    sheet = Image.new("RGB", (width, sum(part.height for part in parts) + GAP), GROUND)
    top = 0
    for part in parts:
        sheet.paste(part, (0, top))
        top += part.height
    part = out.with_suffix(".part")
    sheet.save(part, "JPEG", quality=88)
    part.replace(out)


def _columns(count: int) -> int:
    """Choose how many stand side by side: up to four, with the fewest places left empty."""
    return count if count <= MOST_COLUMNS else min((4, 3), key=lambda columns: -count % columns)


def _thumbnail(path: Path | None) -> Image.Image | None:
    if path is None:
        return None
    try:
        with Image.open(path, formats=READ) as opened:
            return ImageOps.contain(opened.convert("RGB"), (TILE, TILE), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _band(
    band: Band, images: Sequence[Image.Image | None], columns: int, box: tuple[int, int], width: int
) -> Image.Image:
    wide, high = box
    head = CAPTION if band.caption else GAP
    rows = -(-len(band.tiles) // columns)
    part = Image.new("RGB", (width, head + rows * (LABEL + high + GAP)), GROUND)
    pen = ImageDraw.Draw(part)
    if band.caption:
        pen.text((GAP, head / 2), _fitting(pen, band.caption, width - 2 * GAP, 34), QUIET, _font(34), anchor="lm")
    for index, (tile, image) in enumerate(zip(band.tiles, images, strict=True)):
        left, top = GAP + index % columns * (wide + GAP), head + index // columns * (LABEL + high + GAP)
        pen.text((left + wide / 2, top + LABEL / 2), _fitting(pen, tile.label, wide, 44), TEXT, _font(44), anchor="mm")
        top += LABEL
        if image:
            part.paste(image, (left + (wide - image.width) // 2, top + (high - image.height) // 2))
        else:
            pen.rectangle((left, top, left + wide - 1, top + high - 1), EMPTY)
            words = _fitting(pen, tile.instead or "no picture", wide - 2 * GAP, 38)
            pen.text((left + wide / 2, top + high / 2), words, QUIET, _font(38), anchor="mm")
    return part


def _fitting(pen: ImageDraw.ImageDraw, words: str, width: int, size: int) -> str:
    """Shorten words to a width in pixels."""
    shown = words
    while pen.textlength(shown, _font(size)) > width:
        words = words[:-1].rstrip()
        shown = f"{words}…"
    return shown


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
