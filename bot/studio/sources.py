"""The pictures that generations begin with: fetched or copied, cleaned, kept for as long as their generation is."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.dataset.workshop import Cleaned, Source
from bot.domain import access, catalog, outcomes, sentences
from bot.domain.catalog import Field
from bot.domain.entities import Actor
from bot.errors import UserError
from bot.files.disk import FOR_PICTURES
from bot.files.places import incoming, sources_of
from bot.flows.services import Services
from bot.outside.downloads import DISCORD, DownloadFailed
from bot.studio.requests import Attachment, Origin, PictureRef

PICTURE_BYTES = 40 << 20  # of one attachment; a phone's 48 megapixels have a third of it
DOWNLOAD_SECONDS = 120.0
GONE = "This picture is no longer available. Choose another one, or attach it as a file."

Check = Callable[[int, int], None]


def _any_size(width: int, height: int) -> None:
    """Take whatever comes."""


def _share(path: Path, other: Path) -> None:
    """Give a file a second name; where that cannot be, as on FAT or with too many names, copy it."""
    try:
        other.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(path, other)


class Sources:
    """Keeps pictures in a folder of each job's own; they are never decoded in this process."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def keep(
        self, actor: Actor, job_id: str, pictures: Mapping[Field, Sequence[Origin]], check: Check = _any_size
    ) -> dict[str, Sequence[str]]:
        """Have pictures clean in a job's folder and return their paths, by field; a mask follows its picture.

        Attachments are fetched from Discord; a kept picture must be one that this actor may see. `check` refuses
        sizes. Raises UserError.
        """
        if not pictures:
            return {}
        named = [(field, number, one) for field, many in pictures.items() for number, one in enumerate(many, 1)]
        workshop = self._services.workshop
        size = sum(origin.size for _, _, origin in named if isinstance(origin, Attachment))
        async with workshop.pictures.place(actor) as place, self._folders(job_id, size) as (arriving, folder):
            sources: list[Source] = []
            for index, (field, number, origin) in enumerate(named):
                path, name = await self._bring(actor, origin, arriving / str(index))
                sources.append(Source(path, name, folder / f"{field.name}-{number}", field.word == catalog.MASK))
            async with place.turn():
                cleaned = await workshop.clean(sources)
            for one in cleaned:
                check(one.width, one.height)
        return self._by_field(zip((field.name for field, _, _ in named), cleaned, strict=True))

    async def copy(self, job_id: str, sources: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """Keep the pictures of another job for this one too, so that each may be deleted; raises UserError.

        They share their bytes where the file system can, as no kept picture is ever written to.
        """
        if not sources:
            return {}
        async with self._folders(job_id) as (_, folder):
            try:
                for path in (path for paths in sources.values() for path in paths):
                    await asyncio.to_thread(_share, self._services.data / path, folder / Path(path).name)
            except FileNotFoundError as error:
                raise UserError(sentences.of(outcomes.SOURCE_GONE)) from error
        return {field: [self._relative(folder / Path(path).name) for path in paths] for field, paths in sources.items()}

    async def remove_unless_accepted(self, job_id: str) -> None:
        """Delete the pictures of a job that came to nothing."""
        if await self._services.store.generations.find(job_id) is None:
            self.remove(job_id)

    def remove(self, job_id: str) -> None:
        """Delete the pictures of a job."""
        shutil.rmtree(sources_of(self._services.data, job_id), ignore_errors=True)

    @asynccontextmanager
    async def _folders(self, job_id: str, size: int = 0) -> AsyncGenerator[tuple[Path, Path]]:
        """Make a job's folder and one for what comes in, which goes again; the other stays unless something fails."""
        folder = sources_of(self._services.data, job_id)
        arriving = incoming(folder)
        try:
            with self._services.disk.room(2 * size, FOR_PICTURES):
                for each in (arriving, folder):
                    each.mkdir(parents=True, exist_ok=True)
                yield arriving, folder
        except BaseException:
            await self.remove_unless_accepted(job_id)
            raise
        finally:
            shutil.rmtree(arriving, ignore_errors=True)

    async def _bring(self, actor: Actor, origin: Origin, path: Path) -> tuple[Path, str]:
        """Have a picture on this disk, cleaned or not, and say what the member calls it."""
        if isinstance(origin, PictureRef):
            return await self._find(actor, origin), "the picture"
        if origin.size > PICTURE_BYTES:
            raise UserError(
                f"This picture is {origin.size >> 20} MiB; Atelier takes up to {PICTURE_BYTES >> 20}. "
                "Save it as JPEG at 2048 pixels and attach it again."
            )
        try:
            await self._services.downloads.save(
                origin.url, path, hosts=DISCORD, cap=PICTURE_BYTES, seconds=DOWNLOAD_SECONDS
            )
        except DownloadFailed as error:
            raise UserError(
                "Discord did not hand over the picture. Attach it again and run the command again."
            ) from error
        return path, origin.name

    async def _find(self, actor: Actor, ref: PictureRef) -> Path:
        found = (await self.kept(actor, ref.job_id)).get(ref.number)
        if found is None:
            raise UserError(GONE)
        return found

    async def kept(self, actor: Actor, job_id: str) -> Mapping[int, Path]:
        """List, by number, the pictures of a generation that was shown to this actor, or of their own selection."""
        store, data = self._services.store, self._services.data
        generation, selection = await store.generations.find(job_id), await store.undecided.selection(job_id)
        found: dict[int, Path] = {}
        if generation and access.may_see(actor, generation):
            found = {picture.number: data / picture.path for picture in await store.pictures.of(job_id)}
        elif selection and access.owns(actor, selection):
            found = {number: data / path for number, path in enumerate(selection.paths, 1)}
        found = {number: path for number, path in found.items() if path.exists()}
        if not found:
            raise UserError(GONE)
        return found

    def _by_field(self, cleaned: Iterable[tuple[str, Cleaned]]) -> dict[str, Sequence[str]]:
        paths: dict[str, list[str]] = {}
        for field, one in cleaned:
            paths.setdefault(field, []).append(self._relative(one.path))
        return {**paths}

    def _relative(self, path: Path) -> str:
        """Name a file of a job's folder as recipes do."""
        return f"sources/{path.parent.name}/{path.name}"
