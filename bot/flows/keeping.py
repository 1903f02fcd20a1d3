"""Finished pictures, fetched at once and kept: Replicate removes them after an hour."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.domain.entities import Picture
from bot.files.pictures import Band, NotAPicture, draw_sheet, examine
from bot.files.places import pictures_of, sheet_of
from bot.outside.downloads import REPLICATE, DownloadFailed, Downloads, inline

PICTURE_BYTES = 40 << 20
FETCH_SECONDS = 120.0
TRIES = 4  # to fetch a picture before it is called lost
PAUSE = 0.5  # seconds between the first two; each pause is twice the one before


class Keeper:
    """Brings pictures from Replicate into the data directory."""

    def __init__(self, downloads: Downloads, data: Path) -> None:
        self._downloads = downloads
        self._data = data
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    async def keep(self, generation_id: str, urls: Sequence[str]) -> list[Picture]:
        """Fetch the pictures of a generation; those that cannot be had or shown are missing from the list."""
        folder = pictures_of(self._data, generation_id)
        folder.mkdir(parents=True, exist_ok=True)
        got = await asyncio.gather(*(self._fetch(generation_id, n, url, folder) for n, url in enumerate(urls, 1)))
        return [picture for picture in got if picture]

    async def draw(self, job_id: str, bands: Sequence[Band]) -> None:
        """Put pictures on the labelled sheet of a job."""
        path = sheet_of(self._data, job_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.get_running_loop().run_in_executor(self._decoder, draw_sheet, bands, path)

    async def _fetch(self, generation_id: str, number: int, url: str, folder: Path) -> Picture | None:
        raw = folder / f"{number}.raw"
        for attempt in range(TRIES):
            try:
                await self._bring(url, raw)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._decoder, self._shelve, generation_id, number, raw)
            except (DownloadFailed, NotAPicture):
                raw.unlink(missing_ok=True)
                await asyncio.sleep(PAUSE * 2**attempt)
        return None

    async def _bring(self, url: str, raw: Path) -> None:
        if (body := inline(url)) is not None:
            await asyncio.get_running_loop().run_in_executor(self._decoder, raw.write_bytes, body)
        else:
            await self._downloads.save(url, raw, hosts=REPLICATE, cap=PICTURE_BYTES, seconds=FETCH_SECONDS)

    def _shelve(self, generation_id: str, number: int, raw: Path) -> Picture:
        suffix, media_type, width, height = examine(raw)
        path = raw.with_name(f"{number}.{suffix}")
        raw.replace(path)
        return Picture(
            generation_id=generation_id,
            number=number,
            path=str(path.relative_to(self._data)),
            media_type=media_type,
            width=width,
            height=height,
            size=path.stat().st_size,
        )


def remove_pictures(data: Path, generation_id: str) -> None:
    """Remove the files of a generation's pictures, also those that an attempt which was cut short left without rows."""
    folder = pictures_of(data, generation_id)
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)
    if folder.exists():
        folder.rmdir()
