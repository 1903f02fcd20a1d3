"""The stand-in for FLUX: it learns, it remembers, and the same order gives the same picture."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from sandbox.painter import SIDE, Painting, learn, load, paint, save
from sandbox.scenery import Picture, scene, tint
from tests.sandbox.replicate_scene import photo

SMALL = Painting(prompt="a portrait of ZIKI by the sea", seed=7, width=256, height=256, format="png")


def pictures(colour: str, count: int = 6) -> list[Picture]:
    opened = (Image.open(io.BytesIO(photo(index, colour))).resize((SIDE, SIDE)) for index in range(count))
    return [np.asarray(image, dtype=np.float32) / 255 for image in opened]


@pytest.fixture(scope="module")
def orange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taught(tmp_path_factory.mktemp("weights"), "orange")


def taught(folder: Path, colour: str) -> Path:
    weights, _ = learn(pictures(colour), trigger="ZIKI", rank=16, steps=60)
    save(weights, folder / f"{colour}.npz")
    return folder / f"{colour}.npz"


def pixels(order: Painting) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(paint(order))).convert("RGB"), dtype=np.float32)


def test_the_error_truly_falls_and_is_the_true_one() -> None:
    shown = pictures("orange", 6)
    weights, losses = learn(shown, trigger="ZIKI", rank=16, steps=200)
    assert losses[-1] < losses[0] / 5
    remade = weights.mean.reshape(-1) + weights.codes @ weights.basis
    error = float(np.sqrt(np.mean((remade - np.stack(shown).reshape(6, -1)) ** 2)))
    assert error == pytest.approx(losses[-1], rel=0.2)


@pytest.mark.parametrize("count", [1, 2, 30])
def test_any_number_of_pictures_can_be_learnt(count: int) -> None:
    _, losses = learn(pictures("green", count), trigger="ZIKI", rank=4, steps=60)
    assert losses[-1] < losses[0] / 2


def test_a_smaller_rank_learns_less() -> None:
    noise = np.random.default_rng(3)
    shown = [noise.random((SIDE, SIDE, 3)).astype(np.float32) for _ in range(8)]
    few, many = (learn(shown, trigger="X", rank=rank, steps=100)[1][-1] for rank in (2, 8))
    assert few > 1.5 * many


def test_weights_survive_the_disk(tmp_path: Path) -> None:
    weights, _ = learn(pictures("orange"), trigger="ZIKI", rank=4, steps=20)
    save(weights, tmp_path / "w.npz")
    kept = load(tmp_path / "w.npz")
    assert kept.trigger == "ZIKI"
    assert np.allclose(kept.basis, weights.basis, atol=1e-3)


def test_the_same_order_gives_the_same_picture_in_any_process(orange: Path) -> None:
    order = replace(SMALL, weights=orange)
    assert paint(order) == paint(order)
    program = (
        "import sys; from pathlib import Path; from sandbox.painter import *;"
        f"sys.stdout.buffer.write(paint(Painting(prompt={order.prompt!r}, seed=7, width=256, height=256,"
        f" format='png', weights=Path({str(orange)!r}))))"
    )
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert elsewhere.stdout == paint(order)


def test_every_setting_shows(orange: Path) -> None:
    order = replace(SMALL, weights=orange)
    others = [
        order,
        replace(order, seed=8),
        replace(order, prompt="a portrait of ZIKI in a forest"),
        replace(order, scale=0.4),
        replace(order, scale=-0.5),
        replace(order, weights=None),
        replace(order, extra_weights=orange),
        replace(order, start=photo(2, "purple")),
        replace(order, start=photo(2, "purple"), use="trace"),
        replace(order, start=photo(2, "purple"), mask=photo(1, "white"), use="fill"),
        replace(order, prompt='a portrait of ZIKI by the sea, a sign says "HELLO"'),
        replace(order, detail="quick"),
    ]
    assert len({paint(one) for one in others}) == len(others)


def test_the_picture_shows_what_was_learnt(orange: Path, tmp_path: Path) -> None:
    purple = taught(tmp_path, "purple")
    middle = np.s_[100:156, 100:156]
    red, _, blue = pixels(replace(SMALL, weights=orange))[middle].mean(axis=(0, 1))
    assert red > blue + 60
    red, green, _ = pixels(replace(SMALL, weights=purple))[middle].mean(axis=(0, 1))
    assert red > green + 30


def test_without_its_trigger_word_a_lora_shows_less(orange: Path) -> None:
    plain = SMALL.prompt.replace("ZIKI", "someone")
    nothing = pixels(replace(SMALL, prompt=plain))
    faint = pixels(replace(SMALL, prompt=plain, weights=orange))
    strong = pixels(replace(SMALL, prompt=plain, weights=orange, scale=2.8))
    assert 0 < np.abs(faint - nothing).mean() < np.abs(strong - nothing).mean()


@pytest.mark.parametrize(("word", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_colour_words_colour(word: str, channel: int) -> None:
    plain = scene("a landscape", (160, 120), Random(1))
    tinted = tint(plain, f"a {word} landscape", 0.4)
    assert tinted[..., channel].mean() - tinted.mean() > plain[..., channel].mean() - plain.mean()


@pytest.mark.parametrize(("kind", "name"), [("webp", "WEBP"), ("jpg", "JPEG"), ("png", "PNG")])
def test_pictures_come_in_the_format_asked_for(kind: str, name: str) -> None:
    image = Image.open(io.BytesIO(paint(replace(SMALL, format=kind, width=320, height=192, quality=0))))
    assert (image.format, image.size) == (name, (320, 192))


@pytest.mark.parametrize(
    "place", ["sea", "mountains", "forest", "city", "desert", "office", "garden in the rain", "winter night", ""]
)
def test_every_scene_can_be_painted(place: str) -> None:
    assert pixels(replace(SMALL, prompt=place)).std() > 5
