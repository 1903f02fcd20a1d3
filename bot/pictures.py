"""Finished pictures: checked before they are shown, made smaller where Discord wants them smaller."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from bot.errors import AtelierError

READ = ("WEBP", "PNG", "JPEG")
JPEG = ("jpg", "image/jpeg")
FORMATS = {"WEBP": ("webp", "image/webp"), "PNG": ("png", "image/png"), "JPEG": JPEG, "MPO": JPEG}
"""The suffix and media type of what is shown, by Pillow's name for it; it finds an MPO behind a JPEG by itself."""
LARGEST_SIDE = 8192  # upscalers reach 4096; anything above is no picture of ours


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


def total_size(paths: Sequence[Path]) -> int:
    """Add up the sizes of files, in bytes."""
    return sum(path.stat().st_size for path in paths)
