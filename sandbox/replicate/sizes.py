"""Sizes of pictures in pixels, as FLUX has them."""

import io
from typing import Any

from PIL import Image

PIXELS = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "21:9": (1536, 640),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "4:5": (896, 1088),
    "5:4": (1088, 896),
    "3:4": (896, 1152),
    "4:3": (1152, 896),
    "9:16": (768, 1344),
    "9:21": (640, 1536),
    "2:1": (1408, 704),
    "1:2": (704, 1408),
}
FULL = 1024 * 1024
MOST_SIDE = 1440  # of a picture that FLUX.1 takes or gives, where the result is to be as large
MEGAPIXELS = {"0.25": 0.25, "0.5": 0.5, "1": 1.0, "2": 2.0, "4": 4.0}
LIKE_GIVEN = ("image", "control_image")  # inputs whose shape the result takes, whatever aspect_ratio says


def size_of(values: dict[str, Any], start: bytes | None) -> tuple[int, int]:
    """Return width and height for the values of a prediction and its start picture."""
    shape, wanted = values.get("aspect_ratio"), _wanted(values)
    shaped = any(values.get(name) for name in LIKE_GIVEN) or shape in {None, "match_input_image"}
    if start is not None and shaped:
        return _like(start, None if wanted.startswith("match") else MEGAPIXELS[wanted])
    if shape == "custom" or "image_width" in values:
        width = values.get("width") or values.get("image_width") or 1024
        height = values.get("height") or values.get("image_height") or 1024
        return width // 16 * 16, height // 16 * 16
    width, height = PIXELS.get(shape or "1:1", (1024, 1024))
    if start is not None and wanted.startswith("match"):
        side = (_area(start) / FULL) ** 0.5
    else:
        side = MEGAPIXELS.get(wanted, 1.0) ** 0.5
    return int(width * side) // 16 * 16, int(height * side) // 16 * 16


def _wanted(values: dict[str, Any]) -> str:
    """Return the megapixels asked for, or a word that begins with "match"; ultra always makes four."""
    named = values.get("megapixels") or values.get("resolution") or values.get("output_megapixels")
    return str(named or ("4" if "raw" in values else "1")).removesuffix(" MP")


def _area(picture: bytes) -> int:
    with Image.open(io.BytesIO(picture)) as image:
        return image.width * image.height


def _like(picture: bytes, megapixels: float | None) -> tuple[int, int]:
    """Return sides like the picture's: of so many megapixels, or as they are where FLUX can make that."""
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
    fits = min(1.0, MOST_SIDE / max(width, height))
    scale = fits if megapixels is None else (megapixels * FULL / (width * height)) ** 0.5
    return max(256, round(width * scale / 16) * 16), max(256, round(height * scale / 16) * 16)
