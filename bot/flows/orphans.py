"""Makes files and rows agree after a process was killed in its middle; it knows no job's course."""

import asyncio
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from bot.domain.entities import Batch, Dataset, Selection
from bot.files.places import DATASETS, PICTURES, SHEET, SOURCES
from bot.store import Store

logger = logging.getLogger(__name__)

SCRAPS = ("*.part", "*.raw")  # of pictures: whoever still needs one fetches it anew
AT_ONCE = 500  # folders that are compared with their rows in one read


async def remove_orphans(store: Store, data: Path) -> None:
    """Keep the photos of open drafts and of trainings under way, and no others; call it before anything runs.

    So too the pictures that generations begin with, as long as there is the generation or somebody may still want it.
    What waits for a press and has lost its files is forgotten.
    """
    lost = [one for one in await store.undecided.with_files() if _has_lost_files(one, data)]
    for one in lost:
        what = type(one).__name__.lower()
        logger.warning("%s %s of member %s has lost its files, so it is forgotten", what, one.id, one.owner_id)
    await store.undecided.remove(lost)
    drafts = [one for one in await store.undecided.with_files() if isinstance(one, Dataset)]
    kept = {job.id for job in (*drafts, *await store.trainings.unfinished())}
    for path in (data / DATASETS).glob("*"):
        if path.name.partition(".")[0] not in kept:
            _remove(path)
    begun = [path.name for path in (data / SOURCES).glob("*")]
    wanted = await store.wanted(begun)
    for name in begun:
        if name not in wanted:
            _remove(data / SOURCES / name)
    for pattern in SCRAPS:
        for path in (data / PICTURES).glob(f"*/{pattern}"):
            _remove(path)


async def remove_orphan_pictures(store: Store, data: Path) -> None:
    """Remove the files of pictures that were deleted, and tell the operator of those that no row or no file is left of.

    What belongs to no job is left where it is, as it was paid for: the database may be an older one than the pictures.
    It may run beside everything else, since nothing is written any more for a job that is over.
    """
    folders = await asyncio.to_thread(_folders, data / PICTURES)
    strange: list[str] = []
    for start in range(0, len(folders), AT_ONCE):
        names = folders[start : start + AT_ONCE]
        known = await store.pictures.files(names)
        strange += [name for name in names if name not in known]
        for name, files in known.items():
            if files is not None:
                await asyncio.to_thread(_keep_only, data / PICTURES / name, {SHEET, *files})
    if strange:
        logger.warning(
            "%s folders in %s belong to no job, such as %s. Is atelier.db an older copy? If not, delete them.",
            *(len(strange), data / PICTURES, strange[0]),
        )
    missing = await asyncio.to_thread(_missing, data, await store.pictures.paths())
    if missing:
        logger.warning("%s pictures are missing, such as %s. Put them back from a backup.", len(missing), missing[0])


def _has_lost_files(one: object, data: Path) -> bool:
    match one:
        case Dataset():
            return not one.plan.pretrained and not (data / one.archive).exists()
        case Batch():
            paths = [path for wish in one.wishes for paths in wish.recipe.sources.values() for path in paths]
        case Selection():
            paths = list(one.paths)
        case _:
            return False
    return bool(paths) and not any((data / path).exists() for path in paths)


def _folders(pictures: Path) -> list[str]:
    return [path.name for path in pictures.iterdir() if path.is_dir()] if pictures.exists() else []


def _keep_only(folder: Path, names: set[str]) -> None:
    left = [path for path in folder.glob("*") if path.name not in names]
    for path in left:
        _remove(path)
    if left and not any(folder.iterdir()):
        folder.rmdir()


def _missing(data: Path, paths: Sequence[str]) -> list[str]:
    return [path for path in paths if not (data / path).exists()]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
