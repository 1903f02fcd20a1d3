"""A small stand-in for FLUX: learns a low-rank basis of the uploaded pictures and paints from it; no neural network."""

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sandbox.brush import strokes
from sandbox.encoding import encoded
from sandbox.given import begun, edited, opened, pixels, traced, varied, window
from sandbox.grading import graded
from sandbox.scenery import Picture, scene, tint

SIDE = 96  # pixels; what is learnt of a picture
MOST_RANK = 32
DRAWN = {"full": 512, "quick": 192}  # pixels of the longer side while painting; enlarged at the end
UNTRIGGERED = 0.35  # how much of a LoRA shows when the prompt lacks its trigger word

Use = Literal["begin", "fill", "vary", "trace", "depth", "edit"]
Matrix = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What was learnt: picture i is about `mean + codes[i] @ basis`, as a LoRA adds a low-rank part to a model."""

    mean: Picture
    basis: Matrix
    codes: Matrix
    trigger: str
    style: bool = False  # colours the whole picture instead of standing in its middle


@dataclass(frozen=True, kw_only=True)
class Painting:
    """An order: prompt, seed and settings; the same order always gives the same picture."""

    prompt: str
    seed: int
    width: int = 1024
    height: int = 1024
    format: str = "webp"
    quality: int = 80
    weights: Path | None = None
    scale: float = 1.0
    extra_weights: Path | None = None
    extra_scale: float = 1.0
    use: Use = "begin"  # what is done with the start picture
    start: bytes | None = None
    others: tuple[bytes, ...] = ()  # more pictures, to be set into an edited one
    mask: bytes | None = None  # to fill: white is painted anew
    strength: float = 0.8  # to begin: 1 forgets the start picture
    model: str = ""
    detail: Literal["full", "quick"] = "full"


def learn(
    pictures: list[Picture], *, trigger: str, rank: int, steps: int, seed: int = 0
) -> tuple[Weights, list[float]]:
    """Fit codes and basis to `pictures` (SIDE x SIDE) by stochastic gradient descent.

    Return the weights and, for every step, the true error (root mean square) on the pictures of that step.
    """
    shown: Picture = np.stack(pictures).astype(np.float32)
    mean = np.broadcast_to(shown.mean(axis=(0, 1, 2)), (SIDE, SIDE, 3))  # one colour: all form is to be learnt
    rest: Matrix = (shown - mean).reshape(len(pictures), -1)
    count, size = rest.shape
    rank = min(rank, MOST_RANK, count)
    dice = np.random.default_rng(seed)
    basis = dice.normal(0, 1 / np.sqrt(size), (rank, size)).astype(np.float32)
    codes: Matrix = rest @ basis.T
    pace = min(0.3, 1.5 / steps)  # so that a short training learns most of it too
    losses: list[float] = []
    for _ in range(steps):
        batch = dice.permutation(count)[:8]
        error = codes[batch] @ basis - rest[batch]
        losses.append(float(np.sqrt(np.mean(error**2))))
        # Each side is scaled by the other's curvature, so one pace fits every dataset.
        shift = error @ basis.T @ _inverse(basis @ basis.T)
        basis -= pace * (_inverse(codes[batch].T @ codes[batch]) @ codes[batch].T @ error)
        codes[batch] -= pace * shift
    return Weights(mean=mean, basis=basis, codes=codes, trigger=trigger), losses


def save(weights: Weights, path: Path) -> None:
    """Write weights as .npz in half precision."""
    half = np.float16
    np.savez(
        path,
        mean=weights.mean.astype(half),
        basis=weights.basis.astype(half),
        codes=weights.codes.astype(half),
        trigger=np.array(weights.trigger),
        style=np.array(weights.style),
    )


def load(path: Path) -> Weights:
    """Read weights back."""
    with np.load(path, allow_pickle=False) as kept:
        mean, basis, codes = (kept[name].astype(np.float32) for name in ("mean", "basis", "codes"))
        style = "style" in kept and bool(kept["style"])  # older files lack it
        return Weights(mean=mean, basis=basis, codes=codes, trigger=str(kept["trigger"]), style=style)


def paint(order: Painting) -> bytes:
    """Paint an order; return the encoded picture."""
    dice = Random(f"{order.prompt}|{order.seed}|{order.model}")
    image = _edited(order, dice) if order.use == "edit" and order.start is not None else _painted(order, dice)
    for words in re.findall(r'["“]([^"”]{1,40})["”]', order.prompt)[:1]:
        _letter(image, words)
    _sign(image)
    return encoded(image, order.format, order.quality)


def _painted(order: Painting, dice: Random) -> Image.Image:
    """Paint small, lay brush strokes, enlarge; what is to be kept of a filled picture is laid over at the end."""
    longer = DRAWN[order.detail]
    shrink = longer / max(order.width, order.height)
    size = max(64, round(order.width * shrink)), max(64, round(order.height * shrink))
    canvas = scene(order.prompt, size, dice)
    if order.start is not None:
        canvas = _from_start(order, order.start, canvas, size, dice)
    canvas = _with_subject(
        canvas, order.weights, order.scale, order.prompt, dice, centre=0.36 if order.extra_weights else 0.5
    )
    if order.extra_weights is not None:
        canvas = _with_subject(canvas, order.extra_weights, order.extra_scale, order.prompt, dice, centre=0.68)
    image = Image.fromarray((np.clip(canvas, 0, 1) * 255).astype(np.uint8))
    image = strokes(image, dice, fine=order.detail == "full")
    image = image.resize((order.width, order.height), Image.Resampling.BICUBIC)
    if order.detail == "full":
        image = image.filter(ImageFilter.UnsharpMask(radius=3, percent=60, threshold=2))
    if order.start is not None and order.mask is not None:
        anew = window(order.mask, image.size).filter(ImageFilter.GaussianBlur(min(image.size) / 160))
        image = Image.composite(image, opened(order.start, image.size), anew)
    return image


def _edited(order: Painting, dice: Random) -> Image.Image:
    size = order.width, order.height
    image = edited(opened(order.start or b"", size), [opened(one, size) for one in order.others], order.prompt, dice)
    if order.weights is None:
        return image
    laid = _with_subject(pixels(image), order.weights, order.scale, order.prompt, dice, centre=0.5)
    return Image.fromarray((np.clip(laid, 0, 1) * 255).astype(np.uint8))


def _inverse(gram: Matrix) -> Matrix:
    ridge = 1e-3 * float(np.trace(gram)) / len(gram) + 1e-6
    inverse: Matrix = np.linalg.inv(gram + ridge * np.eye(len(gram), dtype=np.float32))
    return inverse


def _with_subject(
    canvas: Picture, path: Path | None, scale: float, prompt: str, dice: Random, *, centre: float
) -> Picture:
    """Lay what was learnt over the scene, stronger with `scale` and where the subject was: near the middle."""
    if path is None or not scale:
        return canvas
    weights = load(path)
    named = " ".join(weights.trigger.lower().split()) in " ".join(prompt.lower().split())
    strength = scale if named else scale * UNTRIGGERED
    height, width = canvas.shape[:2]
    if weights.style:
        return _in_style(canvas, _remember(weights, 1, dice), strength)
    remembered = tint(_remember(weights, strength, dice), prompt, 0.25)
    side = round(min(width, height) * dice.uniform(0.84, 1.0))
    portrait = Image.fromarray((np.clip(remembered, 0, 1) * 255).astype(np.uint8)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    left = round((width - side) * 0.5 + width * (centre - 0.5))
    top = round((height - side) * dice.uniform(0.55, 0.9))
    layer, mask = Image.new("RGB", (width, height)), Image.new("L", (width, height))
    layer.paste(portrait, (left, top))
    mask.paste(_vignette(side, min(1.0, abs(strength))), (left, top))
    alpha = np.asarray(mask, dtype=np.float32)[..., None] / 255
    return canvas * (1 - alpha) + np.asarray(layer, dtype=np.float32) / 255 * alpha


def _remember(weights: Weights, strength: float, dice: Random) -> Picture:
    """Recall one of the pictures, with a touch of a second: the mean plus `strength` times the low-rank part."""
    one, other = dice.randrange(len(weights.codes)), dice.randrange(len(weights.codes))
    code = 0.88 * weights.codes[one] + 0.12 * weights.codes[other]
    recalled = weights.mean.reshape(-1) + min(1.6, max(-1.0, strength)) * (code @ weights.basis)
    picture = recalled.reshape(SIDE, SIDE, 3).astype(np.float32)
    return picture[:, ::-1] if dice.random() < 0.5 else picture


def _in_style(canvas: Picture, remembered: Picture, strength: float) -> Picture:
    """Give each shade of the canvas the colour that the remembered picture has at that rank of brightness."""
    order = np.argsort(remembered.mean(axis=2), axis=None)
    ranks = np.array_split(remembered.reshape(-1, 3)[order], 24)
    palette = np.array([part.mean(axis=0) for part in ranks])
    light = canvas.mean(axis=2)
    places = np.quantile(light, np.linspace(0, 1, len(palette))) + np.arange(len(palette)) * 1e-6
    share = min(1.2, max(-0.6, 0.85 * strength))
    return canvas + (graded(light, places, palette) - canvas) * share


def _vignette(side: int, opacity: float) -> Image.Image:
    """Draw a soft round window, opaque in the middle."""
    grid = np.linspace(-1, 1, side, dtype=np.float32)
    distance = np.sqrt(grid[None, :] ** 2 + grid[:, None] ** 2)
    alpha = np.clip((1.02 - distance) / 0.34, 0, 1) ** 1.4
    return Image.fromarray((alpha * opacity * 255).astype(np.uint8))


def _from_start(order: Painting, content: bytes, canvas: Picture, size: tuple[int, int], dice: Random) -> Picture:
    start = opened(content, size)
    if order.use == "vary":
        return varied(start, dice)
    if order.use in {"trace", "depth"}:
        return traced(start, canvas, depth=order.use == "depth")
    return begun(start, canvas, order.prompt, order.strength)


def _letter(image: Image.Image, words: str) -> None:
    """Write what the prompt put in quotes, as FLUX is known for."""
    draw = ImageDraw.Draw(image, "RGBA")
    size = min(image.height // 7, round(1.6 * image.width / max(4, len(words))))
    font = ImageFont.load_default(size)
    box = draw.textbbox((0, 0), words, font=font)
    place = (image.width - box[2]) / 2, image.height * 0.06
    draw.text(
        place, words, font=font, fill=(255, 250, 240, 255), stroke_width=max(2, size // 14), stroke_fill="#2a2230"
    )


def _sign(image: Image.Image) -> None:
    """Say in the corner what this is, small enough not to disturb."""
    draw = ImageDraw.Draw(image, "RGBA")
    size = max(11, min(image.size) // 64)
    font = ImageFont.load_default(size)
    box = draw.textbbox((0, 0), "sandbox", font=font)
    x, y = image.width - box[2] - size, image.height - box[3] - size
    draw.text((x + 1, y + 1), "sandbox", font=font, fill=(0, 0, 0, 110))
    draw.text((x, y), "sandbox", font=font, fill=(255, 255, 255, 150))
