"""Pictures that come with an order: what is kept of them and what is new must be plain to see."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sandbox.given import outpainted, transparency
from sandbox.painter import Painting, paint
from sandbox.scenery import Picture

SIDE = 256


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def given() -> Image.Image:
    """A yellow sky over a blue ground, with a black box on it."""
    image = Image.new("RGB", (SIDE, SIDE), "#e8d040")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 170, SIDE, SIDE), fill="#2040a0")
    draw.rectangle((90, 100, 160, 190), fill="black")
    return image


ORDER = Painting(
    prompt="a forest", seed=3, width=SIDE, height=SIDE, format="png", detail="quick", start=png(given()), use="edit"
)


def pixels(content: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), dtype=np.float32)


def painted(**changes: object) -> Picture:
    return pixels(paint(replace(ORDER, **changes)))


def away(one: Picture, other: Picture) -> float:
    return float(np.abs(one - other).mean())


GIVEN = np.asarray(given(), dtype=np.float32)


def test_the_higher_the_strength_the_less_is_left() -> None:
    near, far = (painted(use="begin", strength=strength) for strength in (0.2, 1.0))
    assert away(near, GIVEN) < 30
    assert away(far, GIVEN) > 1.5 * away(near, GIVEN)


def test_only_what_the_mask_shows_is_new() -> None:
    mask = Image.new("L", (SIDE, SIDE))
    mask.paste(255, (128, 0, SIDE, SIDE))
    filled = painted(use="fill", mask=png(mask), strength=0.9)
    assert away(filled[:200, :120], GIVEN[:200, :120]) < 0.5
    assert away(filled[:200, 136:], GIVEN[:200, 136:]) > 15


def test_the_transparent_part_of_a_picture_is_a_mask() -> None:
    image = given().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    mask = transparency(png(image))
    assert mask is not None
    assert Image.open(io.BytesIO(mask)).getextrema() == (255, 255)
    assert transparency(png(given())) is None


@pytest.mark.parametrize(
    ("option", "size", "corner"),
    [
        ("Zoom out 1.5x", (384, 384), (64, 64)),
        ("Zoom out 2x", (512, 512), (128, 128)),
        ("Left outpaint", (384, 256), (128, 0)),
        ("Right outpaint", (384, 256), (0, 0)),
        ("Top outpaint", (256, 384), (0, 128)),
        ("Bottom outpaint", (256, 384), (0, 0)),
        ("Make square", (256, 256), (0, 0)),
    ],
)
def test_beyond_the_frame_is_new_and_inside_it_is_not(
    option: str, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    start, mask = outpainted(png(given()), option)
    assert Image.open(io.BytesIO(mask)).size == size
    whole = painted(use="fill", start=start, mask=mask, width=size[0], height=size[1])
    left, top = corner
    inside = np.s_[top + 10 : top + 200, left + 10 : left + 246]
    assert away(whole[inside], GIVEN[10:200, 10:246]) < 2


def test_a_wide_picture_is_made_square_above_and_below() -> None:
    start, mask = outpainted(png(given().resize((300, 100))), "Make square")
    assert Image.open(io.BytesIO(start)).size == (300, 300)
    new = Image.open(io.BytesIO(mask))
    assert [new.getpixel((150, y)) for y in (50, 150, 250)] == [255, 0, 255]


def test_a_variation_has_the_colours_and_masses_of_its_model_and_differs_by_seed() -> None:
    one, other = painted(use="vary"), painted(use="vary", seed=4)
    assert away(one, other) > 3
    for varied in (one, other):
        assert varied[20:90].mean() > varied[200:].mean() + 40  # light above, dark below
        assert varied[110:180, 90:160].min() < 60  # the box


@pytest.mark.parametrize(("use", "prompt"), [("trace", "a desert"), ("depth", "a desert")])
def test_a_new_picture_keeps_the_forms_it_is_led_by(use: str, prompt: str) -> None:
    led, free = painted(use=use, prompt=prompt), painted(start=None, use="begin", prompt=prompt)
    box, beside = np.s_[110:165, 100:150], np.s_[110:165, 10:70]
    assert led[beside].mean() - led[box].mean() > free[beside].mean() - free[box].mean() + 10


@pytest.mark.parametrize(
    "instruction",
    [
        *("make it night", "make everything red", "let it snow", "a rainy day", "add flowers", "as an oil painting"),
        *('add a sign that says "OPEN"', "do something that it has no rule for"),
    ],
)
def test_an_edit_changes_a_picture_and_leaves_it_recognisable(instruction: str) -> None:
    edited = painted(prompt=instruction)
    assert 1 < away(edited, GIVEN) < 110
    # The box is still darker than what is around it.
    assert edited[110:160, 100:150].mean() < edited[110:160, 20:80].mean() - 20


def test_further_pictures_are_set_into_an_edited_one() -> None:
    alone, both = painted(), painted(others=(png(Image.new("RGB", (90, 90), "#ff00ff")),))
    red, green, blue = both[180:215, 110:146].mean(axis=(0, 1))
    assert min(red, blue) > green + 150
    assert away(alone[:80], both[:80]) < 1
