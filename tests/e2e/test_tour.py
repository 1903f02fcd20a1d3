"""The scripted person's tour, run as anybody would, also with a zip that was made elsewhere."""

import asyncio
import io
import json
import sys
import zipfile
from pathlib import Path
from random import Random

import pillow_heif
import pytest
from PIL import Image, ImageDraw

from sandbox.bot_process import PROJECT

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
SIZE = 4000, 3000  # 12 megapixels
PHOTOS, HEICS = 10, (4, 8)
LEAST, MOST = 12 << 20, 20 << 20  # bytes of the zip: more than Discord takes from members without Nitro
GRAIN = 0.1  # how much of a photo is noise, which makes it as large as a camera's


def photo(dice: Random, grain: Image.Image | None) -> Image.Image:
    """Draw something like a photo: large shapes, and grain like a sensor's."""
    image = Image.new("RGB", SIZE, tuple(dice.randrange(60, 200) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y, size = dice.randrange(SIZE[0]), dice.randrange(SIZE[1]), dice.randrange(300, 1500)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=tuple(dice.randrange(256) for _ in range(3)))
    return Image.blend(image, grain, GRAIN) if grain else image


def made_elsewhere() -> bytes:
    """Pack ten phone photos as a Mac does: nested folders, __MACOSX, HEIC, captions, a turned one."""
    dice, packed = Random(20), io.BytesIO()
    grain = Image.frombytes("L", SIZE, dice.randbytes(SIZE[0] * SIZE[1])).convert("RGB")
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(PHOTOS):
            folder = f"Anna's photos/{'holiday/beach' if number % 3 else 'at home'}"
            name, encoded = f"IMG_{4000 + number}", io.BytesIO()
            if number < 3:
                archive.writestr(f"{folder}/{name}.txt", f"a photo of ZIKOWL, number {number}")
            if number in HEICS:
                pillow_heif.from_pillow(photo(dice, None)).save(encoded, quality=60)
                name += ".HEIC"
            else:
                exif = Image.Exif()
                exif[0x0112] = 6 if number == 1 else 1  # orientation
                photo(dice, grain).save(encoded, "JPEG", quality=76, exif=exif)
                name += ".JPG"
            archive.writestr(f"{folder}/{name}", encoded.getvalue())
            archive.writestr(f"__MACOSX/{folder}/._{name}", b"\x00\x05\x16\x07" + bytes(100))
        archive.writestr("Anna's photos/.DS_Store", b"\x00\x00\x00\x01Bud1")
    return packed.getvalue()


async def tour(*options: str) -> tuple[int | None, str, str]:
    """Run the command; return its exit code, what it printed, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "tour", *options),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complained = await process.communicate()
    return process.returncode, printed.decode(), complained.decode()


async def test_the_tour_sees_everything_with_a_zip_made_elsewhere(tmp_path: Path):
    packed = made_elsewhere()
    assert LEAST < len(packed) < MOST
    archive, out = tmp_path / "Anna's photos.zip", tmp_path / "out"
    archive.write_bytes(packed)
    code, printed, complained = await tour("--zip", str(archive), "--out", str(out), "--speed", "20", "--keep")
    assert code == 0, printed + complained
    lines = [line for line in printed.splitlines() if line[:2].strip().isdecimal()]
    assert f"{PHOTOS} pictures to train on" in lines[1]
    transcript = json.loads((out / "transcript.json").read_text("utf-8"))
    assert transcript["seen"] is True
    assert len(transcript["steps"]) == len(lines)
    kept = {picture["file"] for message in transcript["messages"] for picture in message["pictures"]}
    assert len(kept) >= 6
    for name in kept:
        with Image.open(out / name) as picture:
            picture.load()
    assert any("Captions of yours: 3" in message["text"] for step in transcript["steps"] for message in step["seen"])
    assert "Traceback" not in (out / "world" / "bot.log").read_text()


async def test_the_tour_says_in_a_sentence_what_was_not_seen(tmp_path: Path):
    archive, out = tmp_path / "notes.zip", tmp_path / "out"
    archive.write_bytes(b"no zip at all")
    code, printed, complained = await tour("--zip", str(archive), "--out", str(out), "--speed", "20")
    assert code == 1
    assert "1. the bot is there" in printed
    (sentence,) = complained.splitlines()
    assert sentence.startswith("Not seen: 'tour-owl' is not in:")
    transcript = json.loads((out / "transcript.json").read_text("utf-8"))
    assert (transcript["seen"], len(transcript["steps"])) == (False, 1)
