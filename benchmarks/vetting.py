"""How fast uploads are vetted, against Pillow's own decoding and encoding of the same pictures."""

import asyncio
import io
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.stage import photos, save, zipped
from benchmarks.tables import Table
from bot.dataset.workshop import Upload, Workshop

ROUNDS = 3


async def measure() -> Table:
    """Measure both, in turn."""
    pictures = photos(20)
    megabytes = sum(map(len, pictures)) / 1e6
    ours: list[float] = []
    pillow: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        upload = save(zipped(pictures), Path(name))
        for turn in range(ROUNDS):
            began = time.perf_counter()
            await Workshop().prepare([Upload(upload, upload.name)], Path(name, f"{turn}.zip"))
            ours.append(time.perf_counter() - began)
            pillow.append(await asyncio.to_thread(_pillow, pictures))
    rows = [
        ["vetted: checked, cleaned, shrunk, packed, with its contact sheet", f"{megabytes / median(ours):.1f} MB/s"],
        ["Pillow: decoded and encoded", f"{megabytes / median(pillow):.1f} MB/s"],
        ["ratio", f"{median(a / b for a, b in zip(pillow, ours, strict=True)):.2f}"],
    ]
    return Table("vetting", f"Vetting 20 photos of 12 megapixels, {megabytes:.0f} MB", ("what", "figure"), rows)


def _pillow(pictures: Sequence[bytes]) -> float:
    """Return the seconds that Pillow takes for its own decode and encode."""
    began = time.perf_counter()
    for picture in pictures:
        Image.open(io.BytesIO(picture)).convert("RGB").save(io.BytesIO(), "JPEG", quality=95)
    return time.perf_counter() - began
