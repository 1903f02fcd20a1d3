"""A stand-in for upscalers: enlarges a picture by interpolation and sharpens it; invents no detail, as they do."""

import io
from dataclasses import dataclass

from PIL import Image, ImageFilter

from sandbox.encoding import encoded


@dataclass(frozen=True, kw_only=True)
class Enlargement:
    """An order: a picture, how much longer its sides are to be, and how much sharper it is to look."""

    picture: bytes
    scale: float
    format: str
    sharpen: int = 60  # percent


def enlarge(order: Enlargement) -> bytes:
    """Enlarge a picture; return it encoded."""
    image = Image.open(io.BytesIO(order.picture))
    size = round(image.width * order.scale), round(image.height * order.scale)
    larger = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    sharp = larger.filter(ImageFilter.UnsharpMask(radius=max(1, order.scale), percent=order.sharpen, threshold=2))
    return encoded(sharp, order.format, quality=90)
