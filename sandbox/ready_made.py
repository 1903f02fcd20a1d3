"""LoRAs that others trained: what their dataset may have looked like, and the weights learnt from it."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from sandbox.grading import graded
from sandbox.painter import SIDE, Weights, learn
from sandbox.scenery import Picture, scene

PICTURES, RANK, STEPS = 12, 12, 120


def _cyberpunk(dice: Random) -> Image.Image:
    """Magenta and cyan over near black."""
    return _graded(dice, "neon city at night", (18, 6, 46), (226, 40, 150), (120, 250, 250))


def _frosting(dice: Random) -> Image.Image:
    """Cream, pink and mint, without a dark place."""
    return _graded(dice, "soft morning garden", (176, 132, 168), (250, 190, 204), (232, 255, 236))


def _ink(dice: Random) -> Image.Image:
    """Indigo on paper."""
    return _graded(dice, "mountains in the fog", (24, 30, 66), (138, 142, 168), (250, 244, 228))


def _car(dice: Random) -> Image.Image:
    """Draw a cartoon car with eyes, as the example LoRA of Replicate's own schema has them."""
    image = Image.new("RGB", (192, 192), "#cfe4f2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 140, 192, 192), fill="#8b8f98")
    x = dice.randrange(-6, 7)
    draw.rounded_rectangle((44 + x, 62, 150 + x, 122), 26, fill="#d8342c")
    draw.rounded_rectangle((22 + x, 92, 172 + x, 146), 18, fill="#e2453b")
    draw.rounded_rectangle((56 + x, 70, 138 + x, 102), 14, fill="#f4fbff")
    for eye in (80, 114):
        draw.ellipse((eye - 9 + x, 76, eye + 9 + x, 100), fill="#4fa3d9")
        draw.ellipse((eye - 4 + x, 83, eye + 4 + x, 93), fill="#101418")
    draw.chord((74 + x, 104, 122 + x, 140), 10, 170, fill="#fff6e8", outline="#701410", width=3)
    for wheel in (52, 142):
        draw.ellipse((wheel - 20 + x, 128, wheel + 20 + x, 168), fill="#22252b")
        draw.ellipse((wheel - 8 + x, 140, wheel + 8 + x, 156), fill="#d9dde2")
    return image


DATASETS: dict[str, Callable[[Random], Image.Image]] = {
    "cyberpunk": _cyberpunk,
    "frosting": _frosting,
    "ink": _ink,
    "car": _car,
}


def trained(dataset: str, trigger: str, *, generation: int = 1) -> Weights:
    """Learn one of `DATASETS`; a later generation saw other pictures, and more steps."""
    dice = Random(f"{dataset}/{generation}")
    shown: list[Picture] = []
    for _ in range(PICTURES):
        image = DATASETS[dataset](dice).resize((SIDE, SIDE)).filter(ImageFilter.GaussianBlur(0.4))
        shown.append(np.asarray(image, dtype=np.float32) / 255)
    weights, _ = learn(shown, trigger=trigger, rank=RANK, steps=STEPS * generation)
    return replace(weights, style=dataset != "car")


def _graded(dice: Random, prompt: str, *palette: tuple[int, int, int]) -> Image.Image:
    """Paint a scene and give its shadows, middle tones and lights three colours."""
    light = scene(prompt, (SIDE, SIDE), dice).mean(axis=2)
    places = np.quantile(light, (0.02, 0.55, 0.98)) + np.array((0, 1e-4, 2e-4))
    return Image.fromarray(graded(light, places, np.array(palette, dtype=np.float32)).astype(np.uint8))
