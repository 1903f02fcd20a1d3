"""What members do to see pictures again: search by the words of the prompt, turn pages, look at one."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from bot.dataset.line import Line
from bot.domain import access
from bot.domain.entities import Actor, FineTune, Generation, Search
from bot.domain.prompts import visible
from bot.errors import UserError
from bot.files import pictures
from bot.flows import gathering
from bot.flows.services import Services
from bot.studio.drafts import Drafts
from bot.studio.fine_tunes import FineTunes
from bot.views.gallery import Find, GalleryPage
from bot.views.outcomes import Painted

SHOWN = 6  # on a page; each takes five of the 40 components that a message may have
PLACE = re.compile(r"(\w{1,40})\.(\d{1,18})", re.ASCII)
GONE = "This search is no longer here. Run /gallery again."
DRAWING = "Your last pages are still being drawn. Wait until you see them, then press again."
PICTURE_GONE = "This picture is no longer here. Run /gallery again to see what is."


class Gallery:
    """Finished pictures, as far as a member may see them: their own, and those shown in the channel they are in."""

    def __init__(self, services: Services, fine_tunes: FineTunes, drafts: Drafts) -> None:
        self._services = services
        self._store = services.store.gallery
        self._fine_tunes = fine_tunes
        self._drafts = drafts
        self._line = Line(each=2, refusal=DRAWING, longest=1_000)

    async def find(
        self, actor: Actor, search_id: str, words: str, *, model: str | None = None, mine: bool = False
    ) -> GalleryPage:
        """Search, and show the newest; model is a fine-tune as an autocomplete or a member names it."""
        fine_tune = (await self._fine_tunes.find(actor, model))[0] if model else None
        search = Search(
            id=search_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            words=visible(words),
            fine_tune_id=fine_tune.id if fine_tune else None,
            mine=mine,
            created_at=self._services.now(),
        )
        await self._drafts.keep(search)
        return await self._newest(actor, search, fine_tune)

    async def older(self, actor: Actor, place: str) -> GalleryPage:
        """Turn to what is older than a page of one's own search."""
        search, fine_tune, number = await self._open(actor, place)
        found = await self._store.older(actor, search, SHOWN + 1, number)
        if not found:  # deleted meanwhile
            return await self._newest(actor, search, fine_tune)
        return await self._page(actor, search, fine_tune, found[:SHOWN], older=len(found) > SHOWN, newer=True)

    async def newer(self, actor: Actor, place: str) -> GalleryPage:
        """Turn to what is newer than a page of one's own search."""
        search, fine_tune, number = await self._open(actor, place)
        found = await self._store.newer(actor, search, SHOWN + 1, number)
        if len(found) <= SHOWN:
            return await self._newest(actor, search, fine_tune)
        return await self._page(actor, search, fine_tune, found[SHOWN - 1 :: -1], older=True, newer=True)

    async def show(self, actor: Actor, generation_id: str) -> Painted:
        """Gather the pictures of a generation that this member may see; raises UserError."""
        found = await self._services.store.generations.find(generation_id)
        if found is None or not access.may_see(actor, found):
            raise UserError(PICTURE_GONE)
        painted = await gathering.painted(self._services.store, self._services.data, found)
        if not painted.pictures:
            raise UserError(PICTURE_GONE)
        return painted

    async def _newest(self, actor: Actor, search: Search, fine_tune: FineTune | None) -> GalleryPage:
        found = await self._store.older(actor, search, SHOWN + 1)
        return await self._page(actor, search, fine_tune, found[:SHOWN], older=len(found) > SHOWN, newer=False)

    async def _open(self, actor: Actor, place: str) -> tuple[Search, FineTune | None, int]:
        """Find a search of one's own, what it wants, if that may still be used, and a place in the gallery."""
        parts = PLACE.fullmatch(place)
        search = await self._store.search(parts[1]) if parts else None
        if not parts or search is None or (search.guild_id, search.owner_id) != (actor.guild_id, actor.user_id):
            raise UserError(GONE)
        wanted = search.fine_tune_id
        fine_tune = None if wanted is None else (await self._fine_tunes.find(actor, f"ft:{wanted}"))[0]
        return search, fine_tune, int(parts[2])

    async def _page(
        self,
        actor: Actor,
        search: Search,
        fine_tune: FineTune | None,
        found: Sequence[tuple[int, Generation]],
        *,
        older: bool,
        newer: bool,
    ) -> GalleryPage:
        # The index finds; who may see is said in one place only.
        seen = [generation for _, generation in found if access.may_see(actor, generation)]
        async with self._line.place(actor) as place, place.turn():
            finds = [await self._find(actor, generation) for generation in seen]
        return GalleryPage(
            search=search,
            fine_tune=fine_tune,
            finds=finds,
            older=f"{search.id}.{found[-1][0]}" if older else None,
            newer=f"{search.id}.{found[0][0]}" if newer else None,
        )

    async def _find(self, actor: Actor, generation: Generation) -> Find:
        painted = await gathering.painted(self._services.store, self._services.data, generation)
        small = await asyncio.to_thread(_thumbnail, painted.pictures[0][1]) if painted.pictures else None
        return Find(painted=painted, mine=access.owns(actor, generation), thumbnail=small)


def _thumbnail(path: Path) -> bytes | None:
    try:
        return pictures.thumbnail(path)
    except OSError:  # taken from the folder by hand; its prompt is still worth finding
        return None
