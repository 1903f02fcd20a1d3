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
MEGAPIXELS = {"0.25": 0.25, "0.5": 0.5, "0.5 MP": 0.5, "1": 1.0, "1 MP": 1.0, "2": 2.0, "2 MP": 2.0}


def size_of(values: dict[str, Any], start: bytes | None) -> tuple[int, int]:
    """Return width and height for the values of a prediction and its start picture."""
    shape = values.get("aspect_ratio")
    if shape == "custom" or "image_width" in values:
        width = values.get("width") or values.get("image_width") or 1024
        height = values.get("height") or values.get("image_height") or 1024
        return width // 16 * 16, height // 16 * 16
    wanted = values.get("megapixels") or values.get("resolution") or values.get("output_megapixels") or "1"
    if start is not None and (shape in {None, "match_input_image"} or str(wanted).startswith("match")):
        width, height = _like(start)
    else:
        width, height = PIXELS.get(shape or "1:1", (1024, 1024))
    side = MEGAPIXELS.get(wanted, 1.0) ** 0.5
    return int(width * side) // 16 * 16, int(height * side) // 16 * 16


def _like(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
    scale = (FULL / (width * height)) ** 0.5
    return max(256, round(width * scale / 16) * 16), max(256, round(height * scale / 16) * 16)
