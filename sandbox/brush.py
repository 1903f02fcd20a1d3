"""Turns a blurry picture into one laid with brush strokes; knows nothing of prompts."""

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def strokes(image: Image.Image, dice: Random, *, fine: bool) -> Image.Image:
    """Repaint `image` in short strokes along its forms: broad ones first, then small ones where there is detail."""
    painted = image.filter(ImageFilter.GaussianBlur(2))
    passes = ((9, 0.0), (5, 0.02), (3, 0.06)) if fine else ((7, 0.0),)
    for width, least in passes:
        _lay(painted, image, dice, width, least)
    return painted


def _lay(painted: Image.Image, model: Image.Image, dice: Random, width: int, least: float) -> None:
    """Lay one pass of strokes `width` pixels wide where the model has more than `least` of contrast."""
    smooth = np.asarray(model.filter(ImageFilter.GaussianBlur(width / 2)), dtype=np.float32)
    grey = smooth.mean(axis=2) / 255
    down, across = np.gradient(grey)
    draw = ImageDraw.Draw(painted)
    high, wide = grey.shape
    for y in range(0, high, width):
        for x in range(0, wide, width):
            row, column = min(high - 1, y + dice.randrange(width)), min(wide - 1, x + dice.randrange(width))
            dx, dy = float(across[row, column]), float(down[row, column])
            contrast = math.hypot(dx, dy) * width
            if contrast < least:
                continue
            angle = math.atan2(dx, -dy) if contrast > 0.01 else 0.35
            reach = width * (1.4 if contrast > 0.05 else 2.2)
            cos, sin = math.cos(angle) * reach, math.sin(angle) * reach
            shade = dice.uniform(-7, 7)
            red, green, blue = (max(0, min(255, int(part + shade))) for part in smooth[row, column])
            draw.line((column - cos, row - sin, column + cos, row + sin), fill=(red, green, blue), width=width)
