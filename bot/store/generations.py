"""The table of generations, which have pictures and may be parts of another job."""

from collections.abc import Sequence

import sqlite_utils

from bot.domain.entities import Generation, JobState, Picture
from bot.domain.notices import Notice
from bot.store import pictures
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.queries import Queries, one, rows
from bot.store.rows import from_row, to_row

SQL = Queries("generations")


class Generations(Jobs[Generation]):
    """Generations that a member asked for, and those that a training or a comparison brought with it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Generation)

    async def succeed(
        self, generation_id: str, kept: Sequence[Picture], cost: int, at: float, note: Sequence[Notice]
    ) -> Generation:
        """Record the pictures of a generation, settle its money and end it well: all or nothing."""

        def work(db: sqlite_utils.Database) -> Generation:
            pictures.keep(db, generation_id, kept)
            return self.end_in(db, generation_id, JobState.SUCCEEDED, cost, at, note=tuple(note))

        return await self._database.write(work)

    async def shown_in(self, message_id: int) -> Generation | None:
        """Find the generation whose result a message shows."""
        row = await self._database.read(lambda db: one(db, SQL.shown_in, it=message_id))
        return from_row(Generation, row) if row else None

    async def add_part(self, part: Generation) -> Generation:
        """Keep a generation that belongs to another job, which has reserved its money."""

        def work(db: sqlite_utils.Database) -> Generation:
            db.table("generations").insert(to_row(part), ignore=True)
            return self.get_in(db, part.id)

        return await self._database.write(work)

    async def parts_of(self, job_id: str) -> Sequence[Generation]:
        """List the generations that belong to another job, in the order of its sheet."""
        found = await self._database.read(lambda db: rows(db, SQL.parts_of, it=job_id))
        return [from_row(Generation, row) for row in found]
