"""Pictures are looked at before they are shown; whatever is none is said to be none."""

import io
import random
from pathlib import Path

import pytest
from PIL import Image

from bot.files.pictures import (
    CAPTION,
    EMPTY,
    FORMATS,
    GAP,
    GROUND,
    LABEL,
    Band,
    NotAPicture,
    Tile,
    draw_sheet,
    examine,
    shrink,
)


def picture(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    noise = Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": [noise.copy()]} if kind == "MPO" else {}
    noise.save(buffer, kind, **more)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_is_measured(tmp_path: Path, kind: str) -> None:
    (tmp_path / "p").write_bytes(picture(kind))
    assert examine(tmp_path / "p") == (*FORMATS[kind], 64, 48)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"GIF89a", b"\x89PNG\r\n\x1a\n", picture("PNG")[:200], picture("WEBP")[:99], picture("GIF")],
)
def test_what_is_no_picture_of_ours_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(NotAPicture):
        examine(tmp_path / "p")


@pytest.mark.parametrize("size", [(9000, 1), (1, 8193), (9000, 9000)])
def test_a_picture_too_large_is_not_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("1", size).save(tmp_path / "p", "PNG")
    with pytest.raises(NotAPicture):
        examine(tmp_path / "p")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_no_damage_gets_through_as_anything_but_a_refusal(tmp_path: Path, kind: str) -> None:
    whole, dice = picture(kind), random.Random(kind)
    for _ in range(300):
        spoiled = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
        (tmp_path / "p").write_bytes(spoiled[: dice.randint(1, len(spoiled))])
        try:
            examine(tmp_path / "p")
        except NotAPicture:
            continue


@pytest.mark.parametrize("size", [100_000, 20_000, 5_000])
def test_a_picture_is_made_to_fit(tmp_path: Path, size: int) -> None:
    (tmp_path / "p").write_bytes(picture("PNG", (700, 500)))
    made = shrink(tmp_path / "p", size)
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == "JPEG"
        assert len(made) <= size or max(image.size) <= 256


def test_a_sheet_has_room_for_every_picture_and_for_those_that_are_missing(tmp_path: Path) -> None:
    for name, colour in (("red", (250, 0, 0)), ("blue", (0, 0, 250))):
        Image.new("RGB", (1024, 768), colour).save(tmp_path / name, "WEBP", lossless=True)
    (tmp_path / "broken").write_bytes(picture("PNG")[:200])
    tiles = [
        Tile("red", tmp_path / "red"),
        Tile("blue, with a name that is far too long for the width of a picture", tmp_path / "blue"),
        Tile("broken", tmp_path / "broken"),
        Tile("none", None, "cancelled"),
        Tile("gone", tmp_path / "gone"),
    ]
    draw_sheet([Band("a caption " * 40, tiles), Band("", tiles[:2])], tmp_path / "sheet.jpg")
    assert not (tmp_path / "sheet.part").exists()
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.width == 3 * (512 + GAP) + GAP
        rows = CAPTION + 2 * (LABEL + 384 + GAP) + GAP + LABEL + 384 + GAP + GAP
        assert sheet.height == rows
        first, second, third = (GAP + 256 + n * (512 + GAP) for n in range(3))
        top = CAPTION + LABEL + 100
        assert sheet.getpixel((first, top)) == pytest.approx((250, 0, 0), abs=6)
        assert sheet.getpixel((second, top)) == pytest.approx((0, 0, 250), abs=6)
        assert sheet.getpixel((third, top)) == pytest.approx(EMPTY, abs=6)
        assert sheet.getpixel((third, top + LABEL + 384)) == pytest.approx(GROUND, abs=6)
