"""Pictures for the use cases: attachments at a CDN that counts, and finished ones of Anna's."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from bot.domain.entities import Generation, JobState, Picture
from bot.outside.downloads import DownloadFailed
from bot.studio.requests import Attachment, ImagineRequest
from bot.studio.sources import PICTURE_BYTES
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, NOW

CAT = Attachment(url="https://cdn.discordapp.com/attachments/1/2/cat.png", name="cat.png", size=999)
MASK = Attachment(url="https://cdn.discordapp.com/attachments/1/3/mask.png", name="mask.png", size=999)


def drawn(colour: str = "white", size: tuple[int, int] = (160, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@dataclass
class Attached:
    """In the place of downloads: gives what is there, and counts how often it was asked."""

    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list[str])

    async def save(self, url: str, path: Path, *, hosts: Sequence[str], cap: int, seconds: float) -> int:
        assert (hosts, cap) == (("cdn.discordapp.com", "media.discordapp.net"), PICTURE_BYTES)
        self.asked.append(url)
        if url not in self.files:
            raise DownloadFailed("404")
        return await asyncio.to_thread(path.write_bytes, self.files[url])


def kept(at: Rooms) -> list[str]:
    """List what lies in data/sources."""
    folder = at.services.data / "sources"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def colour(at: Rooms, made: Generation, name: str = "image") -> object:
    """Look at a picture that a generation begins with."""
    with Image.open(at.services.data / made.recipe.sources[name][0]) as image:
        return image.getpixel((5, 5))


QUIET: dict[str, Any] = {"prompt": "a quiet sea"}


async def painted(at: Rooms, job_id: str = "g0", size: tuple[int, int] = (160, 80), **wish: Any) -> Generation:
    """Have a finished generation of Anna's with one blue picture."""
    made = await at.studio.generations.imagine(ANNA, job_id, ImagineRequest(**(QUIET | wish)))
    await finished(at, job_id, size)
    return made


async def finished(at: Rooms, job_id: str, size: tuple[int, int] = (160, 80)) -> None:
    """End a generation with one blue picture."""
    await at.store.generations.end(job_id, JobState.SUCCEEDED, 3_000, NOW)
    path = at.services.data / "pictures" / job_id / "1.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(drawn("blue", size))
    row = Picture(
        generation_id=job_id,
        number=1,
        path=f"pictures/{job_id}/1.png",
        media_type="image/png",
        width=size[0],
        height=size[1],
        size=99,
    )
    await at.store.pictures.keep(job_id, [row])
