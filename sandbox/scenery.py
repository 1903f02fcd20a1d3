"""Procedural landscapes from the words of a prompt; knows nothing of what was learnt."""

import re
from itertools import chain, pairwise
from random import Random
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Picture = npt.NDArray[np.floating[Any]]  # height x width x 3, 0 to 1
Colour = tuple[int, int, int]


class Mood(NamedTuple):
    """Colours of a time of day: top of the sky, horizon, far ground, near ground, light."""

    top: Colour
    horizon: Colour
    far: Colour
    near: Colour
    light: Colour


DAY = Mood((74, 138, 206), (214, 232, 240), (124, 152, 150), (72, 112, 72), (255, 248, 214))
MOODS = {
    ("night", "moon", "midnight", "star", "stars", "space", "galaxy"): Mood(
        (10, 14, 40), (54, 58, 110), (26, 34, 66), (12, 18, 36), (236, 238, 214)
    ),
    ("sunset", "dusk", "evening", "golden"): Mood(
        (66, 60, 120), (250, 166, 92), (128, 84, 102), (62, 44, 62), (255, 226, 148)
    ),
    ("dawn", "morning", "sunrise", "soft", "warm"): Mood(
        (126, 160, 206), (252, 214, 190), (164, 152, 164), (104, 118, 98), (255, 240, 200)
    ),
    ("storm", "rain", "fog", "mist", "winter", "grey", "gray"): Mood(
        (82, 94, 112), (178, 188, 196), (112, 124, 134), (70, 82, 88), (230, 236, 240)
    ),
    ("studio", "office", "desk", "room", "indoor", "interior", "kitchen", "laptop", "minimalist"): Mood(
        (222, 212, 198), (240, 232, 220), (198, 178, 156), (150, 118, 92), (255, 246, 226)
    ),
    ("cyberpunk", "neon", "futuristic", "club"): Mood(
        (24, 10, 52), (196, 48, 148), (42, 26, 96), (16, 14, 38), (92, 240, 240)
    ),
}
COLOURS: dict[str, Colour] = {
    "red": (206, 52, 46),
    "orange": (232, 130, 44),
    "yellow": (240, 208, 70),
    "gold": (214, 170, 62),
    "green": (66, 150, 84),
    "teal": (40, 146, 150),
    "blue": (50, 98, 200),
    "purple": (126, 74, 180),
    "pink": (234, 130, 172),
    "brown": (128, 88, 58),
    "black": (26, 26, 30),
    "white": (242, 242, 240),
}
GROUNDS = {
    "sea": ("sea", "ocean", "beach", "coast", "coastal", "lake", "river", "water", "boat", "island", "underwater"),
    "peaks": ("mountain", "mountains", "alps", "peak", "snow", "cliff", "volcano"),
    "forest": ("forest", "wood", "woods", "tree", "trees", "jungle", "garden", "park", "greenery", "autumn"),
    "city": ("city", "street", "skyline", "building", "buildings", "town", "tower", "neon", "cyberpunk", "castle"),
    "dunes": ("desert", "dune", "dunes", "sand", "mars", "sahara"),
    "room": ("studio", "office", "desk", "room", "indoor", "interior", "kitchen", "laptop", "minimalist"),
}


def words_of(prompt: str) -> frozenset[str]:
    """Return the words of a prompt in lower case."""
    return frozenset(re.findall(r"[a-z]+", prompt.lower()))


def scene(prompt: str, size: tuple[int, int], dice: Random) -> Picture:
    """Paint a landscape that the words of `prompt` ask for; `size` is width and height."""
    words = words_of(prompt)
    mood = next((mood for names, mood in MOODS.items() if words & set(names)), None) or _daytime(dice)
    ground = next((name for name, names in GROUNDS.items() if words & set(names)), None)
    horizon = dice.uniform(0.52, 0.66)
    image = _sky(mood, size, horizon, dice, starry=ground != "room" and sum(mood.top) < 150)
    if ground != "room":
        _light(image, mood, horizon, dice)
    drawn = {"sea": _sea, "peaks": _peaks, "forest": _forest, "city": _city, "dunes": _dunes, "room": _room}
    painted = drawn[ground or dice.choice(("peaks", "dunes", "sea", "forest"))](image, mood, horizon, dice)
    if words & {"flower", "flowers", "garden", "meadow", "spring", "blooming", "festive", "confetti"}:
        flowers(painted, horizon, dice)
    if words & {"snow", "winter", "rain", "storm"}:
        weather(painted, dice, wet=bool(words & {"rain", "storm"}))
    return tint(np.asarray(painted, dtype=np.float32) / 255, prompt, 0.34)


def tint(picture: Picture, prompt: str, strength: float) -> Picture:
    """Pull a picture towards the colours that a prompt names, keeping its light and shade."""
    named = [COLOURS[word] for word in sorted(words_of(prompt) & COLOURS.keys())]
    if words_of(prompt) & {"monochrome", "noir", "pencil", "charcoal"}:
        grey = picture.mean(axis=2, keepdims=True)
        return picture * 0.1 + grey * 0.9
    if not named:
        return picture
    target = np.mean(np.array(named, dtype=np.float32) / 255, axis=0)
    light = picture.mean(axis=2, keepdims=True)
    toned = np.clip(light * (0.45 + target) * 1.15, 0, 1)
    return picture * (1 - strength) + toned.astype(np.float32) * strength


def _daytime(dice: Random) -> Mood:
    return dice.choice((DAY, *list(MOODS.values())[1:3]))


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _sky(mood: Mood, size: tuple[int, int], horizon: float, dice: Random, *, starry: bool) -> Image.Image:
    width, height = size
    share = np.clip(np.linspace(0, 1 / horizon, height, dtype=np.float32), 0, 1)[:, None, None] ** 1.3
    top, low = (np.array(colour, dtype=np.float32) for colour in (mood.top, mood.horizon))
    sky = top + (low - top) * share + np.zeros((1, width, 1), dtype=np.float32)
    noise = _clouds(size, dice)[..., None] * (1 - 0.6 * share)
    sky = sky + (np.array(mood.light, dtype=np.float32) - sky) * noise * (0.25 if starry else 0.6)
    image = Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8))
    if starry:
        draw = ImageDraw.Draw(image)
        for _ in range(90):
            x, y, r = dice.random() * width, dice.random() * height * horizon, dice.choice((0.4, 0.6, 1.1))
            draw.ellipse((x - r, y - r, x + r, y + r), fill=mood.light)
    return image


def _clouds(size: tuple[int, int], dice: Random) -> Picture:
    """Layer smooth noise into drifting clouds, 0 to 1."""
    seeds = np.random.default_rng(dice.randrange(2**32))
    total = np.zeros((size[1], size[0]), dtype=np.float32)
    for cells, weight in ((3, 0.5), (7, 0.3), (15, 0.2)):
        grid = (seeds.random((cells, cells * 2)) * 255).astype(np.uint8)
        layer = Image.fromarray(grid).resize((size[0] * 2, size[1]), Image.Resampling.BICUBIC)
        total += weight * np.asarray(layer, dtype=np.float32)[:, : size[0]] / 255
    return np.clip((total - 0.46) * 3.2, 0, 1)


def _light(image: Image.Image, mood: Mood, horizon: float, dice: Random) -> None:
    width, height = image.size
    r = min(width, height) * dice.uniform(0.045, 0.08)
    x, y = width * dice.uniform(0.15, 0.85), height * horizon * dice.uniform(0.25, 0.75)
    glow = Image.new("L", image.size)
    ImageDraw.Draw(glow).ellipse((x - 2.6 * r, y - 2.6 * r, x + 2.6 * r, y + 2.6 * r), fill=120)
    glow = glow.filter(ImageFilter.BoxBlur(r))
    image.paste(mood.light, (0, 0), glow)
    ImageDraw.Draw(image).ellipse((x - r, y - r, x + r, y + r), fill=_mix(mood.light, (255, 255, 255), 0.5))


def _ridge(width: int, base: float, swing: float, dice: Random, rough: float) -> list[tuple[float, float]]:
    """Lay a skyline from left to right by halving."""
    heights: list[float] = [dice.uniform(-1, 1), dice.uniform(-1, 1)]
    reach = 1.0
    while len(heights) < 65:
        reach *= rough
        halves = [(a + b) / 2 + dice.uniform(-reach, reach) for a, b in pairwise(heights)]
        heights = [*chain.from_iterable(zip(heights, halves, strict=False)), heights[-1]]
    step = width / (len(heights) - 1)
    return [(index * step, base + value * swing) for index, value in enumerate(heights)]


def _layers(image: Image.Image, mood: Mood, horizon: float, dice: Random, *, swing: float, rough: float) -> Image.Image:
    width, height = image.size
    draw = ImageDraw.Draw(image)
    for layer in range(4):
        base = height * (horizon + layer * (1 - horizon) * 0.24)
        colour = _mix(_mix(mood.far, mood.horizon, 0.3), _mix(mood.near, (20, 24, 30), 0.2), layer / 3)
        line = _ridge(width, base, height * swing * (1 - layer * 0.22), dice, rough)
        draw.polygon([*line, (width, height), (0, height)], fill=colour)
    return image


def _peaks(image: Image.Image, mood: Mood, horizon: float, dice: Random) -> Image.Image:
    width, height = image.size
    draw = ImageDraw.Draw(image)
    for index in range(6):
        x, tall = width * (index + dice.uniform(-0.3, 0.3)) / 5, height * dice.uniform(0.2, 0.42)
        foot, half = height * (horizon + 0.12), tall * dice.uniform(0.75, 1.1)
        top = (x, foot - tall)
        shade, sunny = _mix(mood.far, mood.near, 0.35), _mix(mood.far, mood.light, 0.3)
        draw.polygon([top, (x + half, foot), (x - half, foot)], fill=shade)
        draw.polygon([top, (x - half, foot), (x - half * 0.2, foot), (x + half * 0.06, foot - tall * 0.5)], fill=sunny)
        cap = [
            top,
            (x + half * 0.24, foot - tall * 0.76),
            (x, foot - tall * 0.7),
            (x - half * 0.24, foot - tall * 0.76),
        ]
        draw.polygon(cap, fill=_mix(mood.light, (255, 255, 255), 0.6))
    return _layers(image, mood, horizon + 0.1, dice, swing=0.05, rough=0.5)


def _dunes(image: Image.Image, mood: Mood, horizon: float, dice: Random) -> Image.Image:
    sandy = mood._replace(far=_mix(mood.far, (222, 176, 120), 0.6), near=_mix(mood.near, (176, 120, 70), 0.6))
    return _layers(image, sandy, horizon, dice, swing=0.06, rough=0.35)


def _sea(image: Image.Image, mood: Mood, horizon: float, dice: Random) -> Image.Image:
    width, height = image.size
    line = round(height * horizon)
    mirrored = image.crop((0, 0, width, line)).transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((width, height - line))
    deep = Image.new("RGB", mirrored.size, _mix(mood.top, (16, 74, 110), 0.5))
    image.paste(Image.blend(mirrored, deep, 0.45), (0, line))
    draw = ImageDraw.Draw(image)
    for _ in range(120):
        depth = dice.random() ** 2
        y, half = line + depth * (height - line), (4 + 60 * depth) * width / 512
        x = dice.random() * width
        draw.line(
            (x - half, y, x + half, y), fill=_mix(mood.horizon, mood.top, dice.random()), width=1 + round(2 * depth)
        )
    shore = _ridge(width, height * 0.95, height * 0.03, dice, 0.4)
    draw.polygon([*shore, (width, height), (0, height)], fill=_mix(mood.near, (206, 180, 140), 0.7))
    return image


def _forest(image: Image.Image, mood: Mood, horizon: float, dice: Random) -> Image.Image:
    width, height = image.size
    _layers(image, mood, horizon, dice, swing=0.04, rough=0.4)
    draw = ImageDraw.Draw(image)
    for index in range(26):
        depth = index / 25
        x, foot = dice.random() * width, height * (horizon + 0.04 + depth * (0.9 - horizon))
        tall = height * (0.1 + 0.3 * depth) * dice.uniform(0.8, 1.2)
        leaf = _mix(_mix(mood.far, (58, 104, 72), 0.5), _mix(mood.near, (26, 62, 40), 0.6), depth)
        draw.line((x, foot, x, foot - tall * 0.4), fill=_mix(leaf, (70, 46, 32), 0.6), width=max(1, round(tall / 18)))
        for tier in range(4):
            wide, low = tall * (0.24 - tier * 0.045), foot - tall * (0.18 + tier * 0.2)
            draw.polygon(
                [(x - wide, low), (x + wide, low), (x, low - tall * 0.34)], fill=_mix(leaf, mood.light, tier * 0.05)
            )
    return image


def _city(image: Image.Image, mood: Mood, horizon: float, dice: Random) -> Image.Image:
    width, height = image.size
    draw = ImageDraw.Draw(image)
    for layer in range(3):
        x, colour = -10.0, _mix(_mix(mood.far, mood.horizon, 0.35), mood.near, layer / 2)
        while x < width:
            wide, tall = width * dice.uniform(0.05, 0.12), height * dice.uniform(0.1, 0.42 - 0.07 * layer)
            top = height * (horizon + 0.1 + layer * 0.12) - tall
            draw.rectangle((x, top, x + wide, height), fill=colour)
            for window in range(14):
                if dice.random() < 0.5:
                    wx, wy = x + wide * (0.15 + 0.25 * (window % 3)), top + 6 + 9 * (window // 3)
                    draw.rectangle((wx, wy, wx + wide * 0.12, wy + 4), fill=_mix(colour, mood.light, 0.75))
            x += wide + width * dice.uniform(0, 0.02)
    draw.rectangle((0, height * 0.94, width, height), fill=_mix(mood.near, (30, 30, 34), 0.4))
    return image


def _room(image: Image.Image, mood: Mood, horizon: float, dice: Random) -> Image.Image:
    width, height = image.size
    draw = ImageDraw.Draw(image)
    floor = height * 0.74
    draw.rectangle((0, 0, width, floor), fill=mood.top)
    draw.rectangle((0, floor, width, height), fill=mood.near)
    x, wide = width * dice.uniform(0.06, 0.6), width * 0.32
    frame = (x, height * 0.1, x + wide, height * 0.48)
    draw.rectangle(frame, fill=(186, 214, 232), outline=(250, 248, 244), width=max(3, width // 80))
    draw.line((x + wide / 2, frame[1], x + wide / 2, frame[3]), fill=(250, 248, 244), width=max(2, width // 120))
    draw.polygon(
        [(x, floor + 8), (x + wide, floor + 8), (x + wide * 0.7, height), (x - wide * 0.5, height)],
        fill=_mix(mood.near, mood.light, 0.45),
    )
    pot = width * dice.choice((0.1, 0.9))
    for _ in range(16):
        draw.line(
            (pot, floor, pot + dice.uniform(-0.1, 0.1) * width, floor - height * dice.uniform(0.12, 0.34)),
            fill=_mix((58, 110, 66), mood.near, dice.random() * 0.4),
            width=max(3, width // 90),
        )
    return image


def flowers(image: Image.Image, horizon: float, dice: Random) -> None:
    """Strew flowers over what lies below the horizon, a share of the height."""
    width, height = image.size
    draw = ImageDraw.Draw(image)
    petals = ((228, 92, 120), (250, 206, 96), (240, 240, 246), (172, 110, 208), (240, 140, 70))
    for _ in range(110):
        depth = dice.random()
        y = height * (horizon + 0.12 + depth * (0.88 - horizon))
        x, r = dice.random() * width, (1.2 + 4.5 * depth) * width / 512
        colour = dice.choice(petals)
        for dx, dy in ((-r, 0), (r, 0), (0, -r), (0, r)):
            draw.ellipse((x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=colour)
        draw.ellipse((x - r * 0.7, y - r * 0.7, x + r * 0.7, y + r * 0.7), fill=(250, 220, 110))


def weather(image: Image.Image, dice: Random, *, wet: bool) -> None:
    """Let it rain, or snow."""
    width, height = image.size
    draw, unit = ImageDraw.Draw(image), width / 512
    for _ in range(160):
        x, y, r = dice.random() * width, dice.random() * height, dice.uniform(0.6, 2.0) * unit
        if wet:
            draw.line((x, y, x - 3 * unit, y + 12 * unit), fill=(208, 218, 228), width=max(1, round(unit)))
        else:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=(250, 252, 255))
