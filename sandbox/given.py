"""What becomes of pictures that come with an order: begun from, filled in, varied, traced, edited by words."""

import io
from random import Random

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from sandbox.brush import strokes
from sandbox.grading import graded
from sandbox.scenery import MOODS, Mood, Picture, flowers, tint, weather, words_of

PAINTERLY = {"painting", "watercolor", "watercolour", "oil", "sketch", "impressionist", "painted"}
FLOWERS = {"flower", "flowers", "blossom", "blossoms", "confetti"}
WEATHER = {"snow", "snowy", "snowing", "winter", "rain", "rainy", "storm"}
# How far the frame grows to the left, top, right and bottom, in shares of the picture's side.
OUTPAINT = {
    "Zoom out 1.5x": (0.25, 0.25, 0.25, 0.25),
    "Zoom out 2x": (0.5, 0.5, 0.5, 0.5),
    "Left outpaint": (0.5, 0.0, 0.0, 0.0),
    "Right outpaint": (0.0, 0.0, 0.5, 0.0),
    "Top outpaint": (0.0, 0.5, 0.0, 0.0),
    "Bottom outpaint": (0.0, 0.0, 0.0, 0.5),
}


def opened(content: bytes, size: tuple[int, int]) -> Image.Image:
    """Open a picture, upright, cut and scaled to `size`."""
    return ImageOps.fit(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB"), size)


def window(content: bytes, size: tuple[int, int]) -> Image.Image:
    """Open a mask: white is painted anew."""
    return ImageOps.fit(Image.open(io.BytesIO(content)).convert("L"), size)


def transparency(content: bytes) -> bytes | None:
    """Return the transparent part of a picture as a mask; None where it has no such part."""
    image = Image.open(io.BytesIO(content))
    if "A" not in image.getbands():
        return None
    return _png(ImageOps.invert(image.getchannel("A")))


def outpainted(content: bytes, option: str) -> tuple[bytes, bytes]:
    """Lay a picture on the larger frame that an outpaint option asks for; return it and the mask of what is new."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    width, height = image.size
    if option == "Make square":
        across, down = max(0, height - width) // 2, max(0, width - height) // 2
        left, top, right, bottom = across, down, across, down
    else:
        left, top, right, bottom = (
            round(share * side) for share, side in zip(OUTPAINT[option], (width, height, width, height), strict=True)
        )
    grown = np.pad(np.asarray(image), ((top, bottom), (left, right), (0, 0)), mode="edge")
    frame = Image.fromarray(grown).filter(ImageFilter.GaussianBlur(min(width, height) / 24))
    frame.paste(image, (left, top))
    mask = Image.new("L", frame.size, 255)
    mask.paste(0, (left, top, left + width, top + height))
    return _png(frame), _png(mask)


def begun(start: Image.Image, canvas: Picture, prompt: str, strength: float) -> Picture:
    """Mix a picture with a new one as image to image does: at a strength of 1 little of it is left."""
    kept = 1 - 0.85 * strength
    return tint(pixels(start), prompt, 0.3) * kept + canvas * (1 - kept)


def varied(start: Image.Image, dice: Random) -> Picture:
    """Tell a picture again: the same colours and masses, bent and turned a little, each seed in another way."""
    height, width = start.height, start.width
    across, down = (_drift(dice, (width, height), 0.05) for _ in range(2))
    rows, columns = np.mgrid[0:height, 0:width]
    rows = np.clip(rows + down * height, 0, height - 1).astype(int)
    columns = np.clip(columns + across * width, 0, width - 1).astype(int)
    bent = pixels(start)[rows, columns]
    shades = np.array(Image.fromarray(_bytes(bent)).convert("HSV"))
    shades[..., 0] += np.uint8(dice.randrange(256 - 22, 256 + 23) % 256)  # hues go round and so do bytes
    turned = Image.fromarray(shades, "HSV").convert("RGB")
    picture = pixels(turned)
    return picture[:, ::-1] if dice.random() < 0.5 else picture


def traced(start: Image.Image, canvas: Picture, *, depth: bool) -> Picture:
    """Paint a new picture into the outlines of a given one, or, by `depth`, into its light and shade."""
    soft = start.convert("L").filter(ImageFilter.GaussianBlur(6 if depth else 1))
    light = np.asarray(ImageOps.autocontrast(soft), dtype=np.float32)[..., None] / 255
    if depth:
        return np.clip(canvas * (0.25 + 1.1 * light), 0, 1)
    lines = np.asarray(soft.filter(ImageFilter.FIND_EDGES), dtype=np.float32)[..., None] / 255
    lines = np.pad(lines[2:-2, 2:-2], ((2, 2), (2, 2), (0, 0)))  # it takes the frame for an edge
    inside = np.clip(canvas * (0.7 + 0.5 * light), 0, 1)
    return inside * (1 - np.clip(lines * 9, 0, 0.92))


def edited(start: Image.Image, others: list[Image.Image], prompt: str, dice: Random) -> Image.Image:
    """Change a picture by the words of an instruction, and leave it recognisable; `others` are set into it."""
    words = words_of(prompt)
    mood = next((mood for names, mood in MOODS.items() if words & set(names)), None)
    picture = _in_mood(pixels(start), mood) if mood is not None else pixels(start)
    coloured = tint(picture, prompt, 0.55)
    if mood is None and coloured is picture and not words & (PAINTERLY | FLOWERS | WEATHER):
        coloured = picture * np.array((1.12, 1.0, 0.86), dtype=np.float32)  # it knows no such change: warmer light
    image = Image.fromarray(_bytes(coloured))
    if words & PAINTERLY:
        image = strokes(image, dice, fine=False)
    if words & FLOWERS:
        flowers(image, 0.5, dice)
    if words & WEATHER:
        weather(image, dice, wet=bool(words & {"rain", "rainy", "storm"}))
    for index, other in enumerate(others):
        _set_in(image, other, (index + 1) / (len(others) + 1))
    return image


def pixels(image: Image.Image) -> Picture:
    """Return an image as numbers from 0 to 1."""
    return np.asarray(image, dtype=np.float32) / 255


def _in_mood(picture: Picture, mood: Mood) -> Picture:
    """Give shadows, middle tones and lights the colours of a time of day or a place."""
    palette = np.array((np.array(mood.near) * 0.5, mood.far, mood.horizon, mood.light), dtype=np.float32) / 255
    return picture * 0.4 + graded(picture.mean(axis=2), (0.0, 0.4, 0.8, 1.0), palette) * 0.6


def _set_in(image: Image.Image, other: Image.Image, place: float) -> None:
    side = round(min(image.size) * 0.46)
    grid = np.linspace(-1, 1, side, dtype=np.float32)
    distance = np.sqrt(grid[None, :] ** 2 + grid[:, None] ** 2)
    soft = Image.fromarray((np.clip((1 - distance) / 0.2, 0, 1) * 255).astype(np.uint8))
    image.paste(ImageOps.fit(other, (side, side)), (round(image.width * place - side / 2), image.height - side), soft)


def _drift(dice: Random, size: tuple[int, int], most: float) -> Picture:
    """Return a smooth field of shifts, in shares of a side."""
    coarse = Image.fromarray(np.array([[dice.uniform(-most, most) for _ in range(4)] for _ in range(4)], np.float32))
    return np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))


def _bytes(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
