"""Removes what a process that was killed left half-done in the data directory; it knows no job's course."""

import math
import shutil
from pathlib import Path

from bot.store import Store

SCRAPS = ("*.part", "*.raw")  # of pictures: whoever still needs one fetches it anew


async def tidy(store: Store, data: Path) -> None:
    """Keep the photos of open drafts and of trainings under way, and no others; call it before anything runs.

    So too the pictures that generations begin with, as long as there is the generation or somebody may still want it.
    """
    drafts = await store.stale_datasets(math.inf)
    kept = {job.id for job in (*drafts, *await store.trainings.unfinished())}
    for path in (data / "datasets").glob("*"):
        if path.name.partition(".")[0] not in kept:
            _remove(path)
    begun = [path.name for path in (data / "sources").glob("*")]
    wanted = await store.wanted(begun)
    for name in begun:
        if name not in wanted:
            _remove(data / "sources" / name)
    for pattern in SCRAPS:
        for path in (data / "pictures").glob(f"*/{pattern}"):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
