"""What waits for a press: a few of each kind a member, for a day; when their rows go, their files go after them."""

import time
from collections.abc import Sequence

from bot.domain.entities import Batch, Dataset, Search, Selection
from bot.files.places import remove_photos
from bot.flows.services import Services
from bot.store.waiting import Waiting
from bot.studio.sources import Sources

WAITS = 24 * 3600.0  # seconds
MOST: dict[type[Waiting], int] = {Dataset: 5, Batch: 5, Selection: 5, Search: 20}
"""How many a member may have; the pictures of a batch or a selection are 4 of some 4 MB at most."""
MOST_BYTES: dict[type[Waiting], int] = {Dataset: 250_000_000}
"""How many bytes they may have together, besides; a zip has up to 95 MB."""


class Drafts:
    """The one place where something that waits is kept and, unless its owner says so, taken away."""

    def __init__(self, services: Services, sources: Sources) -> None:
        self._services = services
        self._sources = sources
        self._made: dict[str, float] = {}
        """When this process was given something that waits, on the monotonic clock."""

    async def keep(self, new: Waiting) -> Sequence[Waiting]:
        """Keep something until its owner decides, and return what had to give way: their own oldest."""
        kind = type(new)
        self._made[new.id] = time.monotonic()
        try:
            gone = await self._services.store.undecided.keep(new, MOST[kind], MOST_BYTES.get(kind))
        except BaseException:
            await self._clear([new])
            raise
        await self._clear(gone)
        return gone

    async def sweep(self) -> None:
        """Forget what nobody decided upon within a day."""
        begun = time.monotonic() - WAITS
        self._made = {it: made for it, made in self._made.items() if made > begun}
        # What this process has known for less than a day stays, as the clock on the wall may have been set.
        await self._clear(await self._services.store.undecided.expire(self._services.now() - WAITS, self._made.keys()))

    async def _clear(self, gone: Sequence[Waiting]) -> None:
        for one in gone:
            self._made.pop(one.id, None)
            await self.remove_files(one)

    async def remove_files(self, gone: Waiting) -> None:
        """Delete the files of something whose row is gone."""
        match gone:
            case Dataset():
                remove_photos(self._services.data, gone.id)
            case Batch():
                for wish in gone.wishes:
                    await self._sources.remove_unless_accepted(wish.id)
            case Selection():
                self._sources.remove(gone.id)
            case Search():
                pass
