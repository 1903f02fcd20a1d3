"""The table of pictures: which files a generation has, and where they lie."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlite_utils

from bot.domain.entities import Picture
from bot.store.database import Database
from bot.store.jobs import OPEN
from bot.store.queries import Queries, rows, run
from bot.store.rows import from_row, to_row

SQL, SQLITE = Queries("generations"), Queries("sqlite")
MADE = ("generations", "trainings", "comparisons")
"""The tables of jobs that have a folder of pictures."""


class Pictures:
    """Finished pictures, by the generation that made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, generation_id: str, pictures: Sequence[Picture]) -> None:
        """Record the pictures of a generation, in place of any recorded before."""
        await self._database.write(lambda db: keep(db, generation_id, pictures))

    async def of(self, generation_id: str) -> Sequence[Picture]:
        """List the pictures of a generation."""
        found = await self._database.read(lambda db: rows(db, SQL.pictures_of, it=generation_id))
        return [from_row(Picture, row) for row in found]

    async def paths(self) -> Sequence[str]:
        """List where all pictures lie, relative to the data directory."""
        return await self._database.read(lambda db: [row["path"] for row in rows(db, SQL.picture_paths)])

    async def files(self, job_ids: Sequence[str]) -> Mapping[str, Sequence[str] | None]:
        """Name the pictures that each of these jobs has, as files; None while it runs. Unknown ones are left out."""

        def work(db: sqlite_utils.Database) -> Mapping[str, Sequence[str] | None]:
            ids = json.dumps(job_ids)
            known = [row for table in MADE for row in rows(db, SQLITE.state_of.format(table=table, open=OPEN), ids=ids)]
            found = {row["id"]: None if row["runs"] else list[str]() for row in known}
            for row in rows(db, SQLITE.pictures_of_these, ids=ids):
                files = found.get(row["generation_id"])
                if files is not None:
                    files.append(Path(row["path"]).name)
            return found

        return await self._database.read(work)


def keep(db: sqlite_utils.Database, generation_id: str, pictures: Sequence[Picture]) -> None:
    """Record the pictures of a generation, within a transaction."""
    run(db, SQL.remove_pictures, it=generation_id)
    db.table("pictures").insert_all(to_row(picture) for picture in pictures)
