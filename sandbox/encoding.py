"""Writes pictures in the formats that models give them out in."""

import io

from PIL import Image


def encoded(image: Image.Image, kind: str, quality: int) -> bytes:
    """Encode as "webp", "jpg" or "png", quickly rather than small; `quality` is 0 to 100, not for png."""
    buffer = io.BytesIO()
    if kind == "png":
        image.save(buffer, "PNG", compress_level=1)
    elif kind == "jpg":
        image.save(buffer, "JPEG", quality=max(1, quality))
    else:
        image.save(buffer, "WEBP", quality=quality, method=0)
    return buffer.getvalue()
