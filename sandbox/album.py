"""Draws a small set of pictures to train on, for whoever has no photos at hand; the same seed draws the same."""

import io
import math
import zipfile
from random import Random

from PIL import Image, ImageDraw

SIDE = 768
SUPERSAMPLED = 2  # drawn larger and shrunk, for smooth edges
FEATHERS, BELLY, BEAK, EYE = "#3f6f8f", "#f2e2c4", "#e8953a", "#fff8e7"
SKIES = ("#f6c9a0", "#a9d3e8", "#c7e0b4", "#e9b7c4", "#d8cdf0", "#f3e3a1")


def album(count: int = 12, seed: int = 0) -> bytes:
    """Return a zip of an owl in so many places; the first picture has a caption."""
    dice = Random(seed)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(1, count + 1):
            archive.writestr(f"owl-{number:02}.jpg", _picture(dice))
        archive.writestr("owl-01.txt", "a blue owl in front of hills")
    return packed.getvalue()


def _picture(dice: Random) -> bytes:
    side = SIDE * SUPERSAMPLED
    image = Image.new("RGB", (side, side), dice.choice(SKIES))
    draw = ImageDraw.Draw(image)
    _hills(draw, side, dice)
    _owl(draw, side * dice.uniform(0.42, 0.58), side * dice.uniform(0.5, 0.6), side * dice.uniform(0.24, 0.32), dice)
    encoded = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def _hills(draw: ImageDraw.ImageDraw, side: int, dice: Random) -> None:
    sun = side * dice.uniform(0.1, 0.8), side * dice.uniform(0.05, 0.25)
    draw.ellipse(_around(*sun, side * 0.09, side * 0.09), fill="#fff3c4")
    for layer in range(3):
        height, phase = side * (0.62 + 0.12 * layer), dice.uniform(0, 6)
        ridge = [
            (x, height + side * 0.05 * math.sin(x / side * (5 + 2 * layer) + phase)) for x in range(0, side + 1, 16)
        ]
        green = 150 - 30 * layer
        draw.polygon([(0, side), *ridge, (side, side)], fill=(70 + dice.randrange(50), green, 90 - 15 * layer))


def _owl(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, dice: Random) -> None:
    for ear in (-1, 1):
        tip = x + ear * size * 0.72, y - size * 1.42
        draw.polygon([tip, (x + ear * size * 0.1, y - size), (x + ear * size * 0.8, y - size * 0.6)], fill=FEATHERS)
    draw.ellipse(_around(x, y, size, size * 1.25), fill=FEATHERS)
    draw.ellipse(_around(x, y + size * 0.45, size * 0.62, size * 0.75), fill=BELLY)
    gaze = dice.uniform(-0.1, 0.1) * size
    for eye in (-1, 1):
        centre = x + eye * size * 0.42, y - size * 0.5
        draw.ellipse(_around(*centre, size * 0.36, size * 0.36), fill=EYE)
        draw.ellipse(_around(centre[0] + gaze, centre[1], size * 0.17, size * 0.17), fill="#2b2230")
    beak = (x - size * 0.13, y - size * 0.25), (x + size * 0.13, y - size * 0.25), (x, y + size * 0.08)
    draw.polygon(beak, fill=BEAK)


def _around(x: float, y: float, across: float, down: float) -> tuple[float, float, float, float]:
    return x - across, y - down, x + across, y + down
