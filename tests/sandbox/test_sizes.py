"""How large a picture becomes: by its shape, its megapixels, or like the picture that was given."""

import io
from typing import Any

import pytest
from PIL import Image

from sandbox.replicate.sizes import size_of


def given(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


WIDE = given(1200, 600)


@pytest.mark.parametrize(
    ("values", "start", "size"),
    [
        ({"aspect_ratio": "16:9", "megapixels": "1"}, None, (1344, 768)),
        ({"aspect_ratio": "16:9", "megapixels": "0.25"}, None, (672, 384)),
        ({"aspect_ratio": "custom", "width": 770, "height": 300}, None, (768, 288)),
        # FLUX.1 takes the shape of the picture it begins from, whatever else is asked for ...
        ({"image": "x", "aspect_ratio": "1:1", "megapixels": "1"}, WIDE, (1456, 720)),
        ({"image": "x", "aspect_ratio": "custom", "width": 256, "height": 256, "megapixels": "1"}, WIDE, (1456, 720)),
        # ... and its size, where that is asked for, up to 1440 pixels a side.
        ({"image": "x", "megapixels": "match_input"}, WIDE, (1200, 608)),
        ({"control_image": "x", "megapixels": "match_input"}, given(3000, 1500), (1440, 720)),
        # A picture that only inspires has no say.
        ({"redux_image": "x", "aspect_ratio": "2:3", "megapixels": "1"}, WIDE, (832, 1216)),
        ({"image_prompt": "x", "aspect_ratio": "1:1"}, WIDE, (1024, 1024)),
        ({"input_image": "x", "aspect_ratio": "match_input_image"}, WIDE, (1456, 720)),
        ({"input_image": "x", "aspect_ratio": "9:16"}, WIDE, (768, 1344)),
        ({"aspect_ratio": "1:1", "resolution": "4 MP"}, None, (2048, 2048)),
        ({"aspect_ratio": "1:1", "resolution": "0.5 MP"}, None, (720, 720)),
        ({"aspect_ratio": "1:1", "resolution": "match_input_image"}, given(512, 512), (512, 512)),
        ({"aspect_ratio": "match_input_image", "resolution": "match_input_image"}, WIDE, (1200, 608)),
        ({"aspect_ratio": "match_input_image", "resolution": "1 MP"}, None, (1024, 1024)),
        ({"aspect_ratio": "16:9", "output_megapixels": "2"}, None, (1888, 1072)),
        ({"aspect_ratio": "16:9", "raw": False}, None, (2688, 1536)),  # ultra
    ],
)
def test_the_size_of_a_result(values: dict[str, Any], start: bytes | None, size: tuple[int, int]) -> None:
    assert size_of(values, start) == size
