"""The table of pictures: which files a generation has, and where they lie."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlite_utils

from bot.domain.entities import Picture
from bot.store.database import Database
from bot.store.jobs import OPEN
from bot.store.queries import rows, run
from bot.store.rows import from_row, to_row


class Pictures:
    """Finished pictures, by the generation that made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, generation_id: str, pictures: Sequence[Picture]) -> None:
        """Record the pictures of a generation, in place of any recorded before."""
        await self._database.write(lambda db: keep(db, generation_id, pictures))

    async def of(self, generation_id: str) -> Sequence[Picture]:
        """List the pictures of a generation."""
        sql = "SELECT * FROM pictures WHERE generation_id = :it ORDER BY number"
        found = await self._database.read(lambda db: rows(db, sql, it=generation_id))
        return [from_row(Picture, row) for row in found]

    async def paths(self) -> Sequence[str]:
        """List where all pictures lie, relative to the data directory."""
        return await self._database.read(lambda db: [row["path"] for row in rows(db, "SELECT path FROM pictures")])

    async def files(self, job_ids: Sequence[str]) -> Mapping[str, Sequence[str] | None]:
        """Name the pictures that each of these jobs has, as files; None while it runs. Unknown ones are left out."""

        def work(db: sqlite_utils.Database) -> Mapping[str, Sequence[str] | None]:
            these = "IN (SELECT value FROM json_each(:ids))"
            jobs = " UNION ALL ".join(
                f"SELECT id, state IN {OPEN} AS runs FROM {table} WHERE id {these}"
                for table in ("generations", "trainings", "comparisons")
            )
            found = {row["id"]: None if row["runs"] else list[str]() for row in rows(db, jobs, ids=json.dumps(job_ids))}
            sql = f"SELECT generation_id, path FROM pictures WHERE generation_id {these}"
            for row in rows(db, sql, ids=json.dumps(job_ids)):
                files = found.get(row["generation_id"])
                if files is not None:
                    files.append(Path(row["path"]).name)
            return found

        return await self._database.read(work)


def keep(db: sqlite_utils.Database, generation_id: str, pictures: Sequence[Picture]) -> None:
    """Record the pictures of a generation, within a transaction."""
    run(db, "DELETE FROM pictures WHERE generation_id = :it", it=generation_id)
    db.table("pictures").insert_all(to_row(picture) for picture in pictures)
