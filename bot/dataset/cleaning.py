"""A hostile picture becomes the clean one that a generation begins with, and a mask fits it; for the child process."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from bot.dataset import names
from bot.dataset.images import PictureRefused, develop
from bot.dataset.limits import MIB, Limits
from bot.dataset.sources import Cleaned, Source

LOSSLESS = 4 * MIB  # bytes; above it a picture is a photograph, whose JPEG at 95 nobody tells from it
LEAST_SIDE = 64  # pixels; FLUX works in cells of 16, and a strip of a few of them shows nothing
SAME_SHAPE = 0.02  # how far the shapes of a picture and its mask may differ, for masks drawn on a smaller copy
ALL_BLACK = 16  # of 255; below it a mask has no white, whatever JPEG made of the black


class SourceRefused(Exception):
    """A picture cannot be begun with; the text is a sentence for the member."""


def clean(sources: Sequence[Source], limits: Limits) -> list[Cleaned]:
    """Write every picture anew: upright, sRGB, nothing but pixels, at most 2048 a side; raises SourceRefused."""
    cleaned: list[Cleaned] = []
    for source in sources:
        try:
            found = _mask(source, cleaned[-1], limits) if source.is_mask else _picture(source, limits)
        except PictureRefused as refused:
            raise SourceRefused(f"`{names.shown(source.name)}`: {refused}") from refused
        cleaned.append(found)
    return cleaned


def _picture(source: Source, limits: Limits) -> Cleaned:
    image = develop(source.path.read_bytes(), replace(limits, floor_side=LEAST_SIDE)).image
    if min(image.size) < LEAST_SIDE:  # it was a strip of ten thousand pixels
        raise PictureRefused("too_small", width=image.width, height=image.height, least=LEAST_SIDE)
    data, suffix = _encode(image)
    return _written(source, image, data, suffix)


def _mask(source: Source, picture: Cleaned, limits: Limits) -> Cleaned:
    """Make a mask of the picture's size; what is transparent in it is not painted, as black is not."""
    image = develop(source.path.read_bytes(), limits, ground="black").image.convert("L")
    shape, wanted = image.width / image.height, picture.width / picture.height
    if abs(shape / wanted - 1) > SAME_SHAPE:
        raise SourceRefused(
            f"The mask is {image.width} × {image.height} pixels and its picture {picture.width} × {picture.height}: "
            "they must have the same shape. Draw the mask over a copy of the picture and attach it again."
        )
    _, lightest = image.getextrema()
    if isinstance(lightest, tuple) or lightest < ALL_BLACK:
        raise SourceRefused("The mask is black all over, so nothing would be painted. Make white what is to change.")
    image = image.resize((picture.width, picture.height), Image.Resampling.BILINEAR)
    return _written(source, image, _png(image), ".png")


def _encode(image: Image.Image) -> tuple[bytes, str]:
    data = _png(image)
    if len(data) <= LOSSLESS:
        return data, ".png"
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue(), ".jpg"


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _written(source: Source, image: Image.Image, data: bytes, suffix: str) -> Cleaned:
    path = source.out.with_suffix(suffix)
    path.write_bytes(data)
    return Cleaned(path, image.width, image.height)
