"""What waits for a press: uploads, prompts with choices, selections of pictures."""

from collections.abc import Collection, Sequence
from typing import TypeVar

import sqlite_utils

from bot.domain.entities import Batch, Dataset, Plan, Selection
from bot.store import drafts, waiting
from bot.store.database import Database
from bot.store.queries import Queries, change, one
from bot.store.rows import encoded, from_row
from bot.store.waiting import Waiting

SQL = Queries("undecided")
W = TypeVar("W", Batch, Dataset, Selection)


class Undecided:
    """The tables of what waits; whether it still does is decided in the transaction that takes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, new: Waiting, most: int, most_bytes: int | None = None) -> Sequence[Waiting]:
        """Keep what waits for a press, and take away and return what is too much of its member's beside it."""
        return await self._database.write(lambda db: waiting.add(db, new, most, most_bytes))

    async def expire(self, before: float, young: Collection[str] = ()) -> Sequence[Waiting]:
        """Take away and return what has waited since before a time, but for those that are known to be young."""
        return await self._database.write(lambda db: waiting.expire(db, before, young))

    async def with_files(self) -> Sequence[Waiting]:
        """List all that waits and has files."""
        return await self._database.read(waiting.every)

    async def remove(self, gone: Sequence[Waiting]) -> None:
        """Take away what cannot be decided upon any more."""
        await self._database.write(lambda db: waiting.remove(db, gone))

    async def dataset(self, dataset_id: str) -> Dataset | None:
        """Find a dataset by its id."""
        return await self._find(Dataset, dataset_id)

    async def batch(self, batch_id: str) -> Batch | None:
        """Find what waits for *Paint all*."""
        return await self._find(Batch, batch_id)

    async def selection(self, selection_id: str) -> Selection | None:
        """Find what waits for a button."""
        return await self._find(Selection, selection_id)

    async def change_plan(self, dataset_id: str, plan: Plan, estimate: int) -> bool:
        """Give a dataset another plan and its price; tells whether nobody has started it yet."""

        def work(db: sqlite_utils.Database) -> bool:
            row = one(db, SQL.find.format(table="datasets"), it=dataset_id)
            waits = row is not None and row["consent_at"] is None
            if waits:
                change(db, "datasets", dataset_id, encoded({"plan": plan, "estimate": estimate}))
            return waits

        return await self._database.write(work)

    async def discard_dataset(self, dataset_id: str) -> bool:
        """Forget a dataset, unless somebody has started it; tells whether it went."""
        return await self._database.write(lambda db: drafts.discard_dataset(db, dataset_id))

    async def discard_batch(self, batch_id: str) -> bool:
        """Forget what waits for *Paint all*, unless somebody has pressed it; tells whether it went."""
        self._database.erase()
        return await self._database.write(lambda db: drafts.discard_batch(db, batch_id))

    async def _find(self, kind: type[W], row_id: str) -> W | None:
        sql = SQL.find.format(table=waiting.TABLES[kind])
        row = await self._database.read(lambda db: one(db, sql, it=row_id))
        return from_row(kind, row) if row else None
