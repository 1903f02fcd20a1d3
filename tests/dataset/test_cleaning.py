"""Pictures that generations begin with: nothing of the file survives but its pixels, and a mask fits its picture."""

import io
import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from bot.dataset.cleaning import LOSSLESS, SourceRefused, clean
from bot.dataset.limits import Limits
from bot.dataset.sources import Cleaned, Source
from bot.dataset.workshop import Workshop
from bot.errors import UserError
from tests.hostile import SEED, mutated, picture

LIMITS = Limits()
SECRET = b"48.8583N 2.2945E Mallory"


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(SEED).randbytes(width * height * 3))


def seen(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.copy()


def source(folder: Path, data: bytes, name: str = "cat.png", *, is_mask: bool = False) -> Source:
    path = folder / f"raw-{len(list(folder.iterdir()))}"
    path.write_bytes(data)
    return Source(path, name, folder / path.name.replace("raw", "clean"), is_mask)


def cleaned(folder: Path, data: bytes) -> Cleaned:
    [found] = clean([source(folder, data)], LIMITS)
    return found


def masked(folder: Path, mask: Image.Image, size: tuple[int, int] = (400, 200)) -> Image.Image:
    pair = [source(folder, saved(noise(*size))), source(folder, saved(mask), "mask.png", is_mask=True)]
    return seen(clean(pair, LIMITS)[1].path)


def test_what_a_camera_wrote_beside_the_pixels_is_gone_and_the_picture_is_upright(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = SECRET.decode()
    found = cleaned(tmp_path, saved(noise(300, 200), "JPEG", exif=exif, comment=SECRET) + SECRET)
    assert (found.width, found.height) == (200, 300)
    assert SECRET not in found.path.read_bytes()
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", SECRET.decode())
    assert SECRET not in cleaned(tmp_path, saved(noise(300, 200), pnginfo=note)).path.read_bytes()


def test_a_picture_keeps_its_pixels_unless_it_is_large(tmp_path: Path):
    small = noise(320, 200)
    found = cleaned(tmp_path, saved(small))
    assert found.path.suffix == ".png"
    assert seen(found.path).tobytes() == small.tobytes()
    large = cleaned(tmp_path, saved(noise(3000, 1500)))
    assert (large.width, large.height, large.path.suffix) == (2048, 1024, ".jpg")
    assert seen(large.path).size == (2048, 1024)
    assert large.path.stat().st_size < 2 * LOSSLESS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "`cat.png`: The file is empty"),
        (b"MZ" + bytes(500), "It is not a picture"),
        (saved(noise(64, 64), "GIF"), "is a GIF file; save it as JPEG"),
        (saved(noise(200, 200), "JPEG")[:3000], "damaged or cut short"),
        (saved(Image.new("RGB", (8000, 8000))), "too many pixels"),
        (saved(noise(200, 40)), "too small"),
        (saved(Image.new("RGB", (9000, 70))), "too small"),  # once it is fitted
    ],
    ids=["empty", "program", "gif", "cut", "bomb", "small", "strip"],
)
def test_what_cannot_be_begun_with_is_refused_in_a_sentence(tmp_path: Path, data: bytes, words: str):
    with pytest.raises(SourceRefused, match=words):
        cleaned(tmp_path, data)


def test_damaged_pictures_are_refused_and_nothing_else_happens(tmp_path: Path):
    dice, refused = random.Random(SEED), 0
    for kind in ("PNG", "JPEG", "WEBP"):
        sound = picture(3, 128, kind)
        for _ in range(60):
            try:
                cleaned(tmp_path, mutated(sound, dice))
            except SourceRefused:
                refused += 1
    assert refused > 20


def test_a_mask_becomes_grey_and_as_large_as_its_picture(tmp_path: Path):
    drawn = Image.new("RGB", (200, 100), "black")
    drawn.paste((255, 255, 255), (100, 0, 200, 100))
    found = masked(tmp_path, drawn)
    assert (found.mode, found.size) == ("L", (400, 200))
    assert (found.getpixel((20, 100)), found.getpixel((380, 100))) == (0, 255)


def test_what_is_transparent_in_a_mask_is_not_painted(tmp_path: Path):
    drawn = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    drawn.paste((255, 255, 255, 255), (100, 0, 200, 100))
    found = masked(tmp_path, drawn)
    assert (found.getpixel((20, 100)), found.getpixel((380, 100))) == (0, 255)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (Image.new("L", (200, 200), "white"), r"The mask is 200 × 200 pixels and its picture 400 × 200"),
        (Image.new("L", (400, 200), 3), "black all over"),
    ],
)
def test_a_mask_that_changes_nothing_or_something_else_is_refused(tmp_path: Path, mask: Image.Image, words: str):
    with pytest.raises(SourceRefused, match=words):
        masked(tmp_path, mask)


async def test_the_child_process_does_it(tmp_path: Path):
    good, bad = source(tmp_path, saved(noise(100, 100))), source(tmp_path, b"no picture", "`x`.png")
    [found] = await Workshop().clean([good])
    assert (found.path, found.width) == (good.out.with_suffix(".png"), 100)
    with pytest.raises(UserError, match=r"`'x'\.png`: It is not a picture"):
        await Workshop().clean([good, bad])
