"""The index by which pictures are found again, and the searches whose next page somebody may still ask for."""

from collections.abc import Sequence

from bot.domain.entities import Actor, Generation, Search
from bot.store.database import Database
from bot.store.queries import Queries, one, rows
from bot.store.rows import from_row

FIND = Queries("undecided").find.format(table="searches")
PAGE = Queries("sqlite").page  # CROSS keeps the order of the tables: the index gives the numbers sorted
NEWEST = 2**63 - 1


class Gallery:
    """Finished pictures that were asked for, numbered in their order; triggers keep it (see the migration)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def older(
        self, actor: Actor, search: Search, limit: int, place: int = NEWEST
    ) -> Sequence[tuple[int, Generation]]:
        """List what a search finds before a place in the gallery, newest first, each with its own place."""
        return await self._page(PAGE.format(beyond="<", direction="DESC"), actor, search, limit, place)

    async def newer(self, actor: Actor, search: Search, limit: int, place: int) -> Sequence[tuple[int, Generation]]:
        """List what a search finds after a place in the gallery, oldest first, each with its own place."""
        return await self._page(PAGE.format(beyond=">", direction="ASC"), actor, search, limit, place)

    async def search(self, search_id: str) -> Search | None:
        """Find a search."""
        row = await self._database.read(lambda db: one(db, FIND, it=search_id))
        return from_row(Search, row) if row else None

    async def _page(
        self, sql: str, actor: Actor, search: Search, limit: int, place: int
    ) -> Sequence[tuple[int, Generation]]:
        match = expression(actor, search)
        found = await self._database.read(lambda db: rows(db, sql, match=match, place=place, limit=limit))
        return [(row["number"], from_row(Generation, row)) for row in found]


def expression(actor: Actor, search: Search) -> str:
    """Write a search in the language of FTS5: marks say whose and where, as `access.may_see` has it, then the words.

    Every word stands in quotation marks, where nothing has a meaning but a quotation mark, which is doubled.
    """
    own, here = f"{actor.guild_id}u{actor.user_id}", f"{actor.guild_id}c{actor.channel_id}"
    parts = [f"marks : {own}" if search.mine else f"marks : ({own} OR {here})"]
    if search.fine_tune_id is not None:
        parts.append(f"marks : f{search.fine_tune_id}")
    words = [f'"{word}"' for word in search.words.replace('"', '""').split() if any(map(str.isalnum, word))]
    if words:
        parts.append(f"prompt : ({' AND '.join(words)}*)")  # the last word may be only begun
    return " AND ".join(parts)
