"""All that Atelier remembers, in one SQLite file: the only room with SQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import sqlite_utils

from bot.domain.entities import (
    Actor,
    Batch,
    Comparison,
    Dataset,
    Enrichment,
    Generation,
    JobState,
    Picture,
    Plan,
    Selection,
    Training,
)
from bot.domain.notices import Notice
from bot.domain.policy import Policy, Spent
from bot.store import admission, drafts, waiting
from bot.store.admission import Accepted, NotAdmitted, Request
from bot.store.database import Database
from bot.store.fine_tunes import FineTunes
from bot.store.gallery import Gallery
from bot.store.jobs import OPEN, J, Jobs
from bot.store.late_runs import LateRuns
from bot.store.queries import change, one, rows, run
from bot.store.redacting import plain_batch
from bot.store.rows import encoded, from_row, to_row
from bot.store.votes import Votes
from bot.store.waiting import Waiting

__all__ = ["Accepted", "NotAdmitted", "Request", "Store"]


class Store:
    """The tables, and the writes that touch several of them at once."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.fine_tunes = FineTunes(self._database)
        self.trainings = self.jobs(Training)
        self.generations = self.jobs(Generation)
        self.gallery = Gallery(self._database)
        self.votes = Votes(self._database)
        self.comparisons = self.jobs(Comparison)
        self.enrichments = self.jobs(Enrichment)
        self.late_runs = LateRuns(self._database)

    async def __aenter__(self) -> "Store":
        await self._database.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()

    def jobs(self, kind: type[J]) -> Jobs[J]:
        """Give the table of a kind of job."""
        return Jobs(self._database, kind)

    async def dataset(self, dataset_id: str) -> Dataset | None:
        """Find a dataset by its id."""
        row = await self._database.read(lambda db: one(db, "SELECT * FROM datasets WHERE id = :it", it=dataset_id))
        return from_row(Dataset, row) if row else None

    async def change_plan(self, dataset_id: str, plan: Plan, estimate: int) -> bool:
        """Give a dataset another plan and its price; tells whether nobody has started it yet."""

        def work(db: sqlite_utils.Database) -> bool:
            waits = one(db, "SELECT 1 FROM datasets WHERE id = :it AND consent_at IS NULL", it=dataset_id) is not None
            if waits:
                change(db, "datasets", dataset_id, encoded({"plan": plan, "estimate": estimate}))
            return waits

        return await self._database.write(work)

    async def discard_dataset(self, dataset_id: str) -> bool:
        """Forget a dataset, unless somebody has started it; tells whether it went."""
        return await self._database.write(lambda db: drafts.discard_dataset(db, dataset_id))

    async def accept(self, request: Request[J], policy: Policy) -> Accepted[J]:
        """Accept what somebody asks for, with its money: all or nothing; the same request again changes nothing.

        Raises NotAdmitted, and Overtaken where what waited is gone or is not as it was read.
        """

        def work(db: sqlite_utils.Database) -> Accepted[J]:
            accepted = admission.accept(db, request, policy)
            if isinstance(request.waited, Batch) and plain_batch(db, request.waited.wishes[0].id):
                self._database.erase()  # the secrets of addresses, which the jobs have now
            return accepted

        return await self._database.write(work)

    async def keep_waiting(self, new: Waiting, most: int, most_bytes: int | None = None) -> Sequence[Waiting]:
        """Keep what waits for a press, and take away and return what is too much of its member's beside it."""
        return await self._database.write(lambda db: waiting.add(db, new, most, most_bytes))

    async def forget_waiting(self, before: float, young: Collection[str] = ()) -> Sequence[Waiting]:
        """Take away and return what has waited since before a time, but for those that are known to be young."""
        return await self._database.write(lambda db: waiting.forget(db, before, young))

    async def waiting(self) -> Sequence[Waiting]:
        """List all that waits and has files."""
        return await self._database.read(waiting.every)

    async def remove_waiting(self, gone: Sequence[Waiting]) -> None:
        """Take away what cannot be decided upon any more."""
        await self._database.write(lambda db: waiting.remove(db, gone))

    async def batch(self, batch_id: str) -> Batch | None:
        """Find what waits for *Paint all*."""
        row = await self._database.read(lambda db: one(db, "SELECT * FROM batches WHERE id = :it", it=batch_id))
        return from_row(Batch, row) if row else None

    async def discard_batch(self, batch_id: str) -> bool:
        """Forget what waits for *Paint all*, unless somebody has pressed it; tells whether it went."""
        self._database.erase()
        return await self._database.write(lambda db: drafts.discard_batch(db, batch_id))

    async def selection(self, selection_id: str) -> Selection | None:
        """Find what waits for a button."""
        sql = "SELECT * FROM selections WHERE id = :it"
        row = await self._database.read(lambda db: one(db, sql, it=selection_id))
        return from_row(Selection, row) if row else None

    async def shown_in(self, message_id: int) -> Generation | None:
        """Find the generation whose result a message shows."""
        sql = "SELECT * FROM generations WHERE message_id = :it ORDER BY created_at DESC"
        row = await self._database.read(lambda db: one(db, sql, it=message_id))
        return from_row(Generation, row) if row else None

    async def add_sample(self, sample: Generation) -> Generation:
        """Keep a generation that belongs to another job, which has reserved its money."""

        def work(db: sqlite_utils.Database) -> Generation:
            db.table("generations").insert(to_row(sample), ignore=True)
            return self.generations.must_find(db, sample.id)

        return await self._database.write(work)

    async def samples(self, job_id: str) -> Sequence[Generation]:
        """List the generations that belong to another job, in the order of its sheet."""
        sql = "SELECT * FROM generations WHERE parent_id = :it ORDER BY id"
        found = await self._database.read(lambda db: rows(db, sql, it=job_id))
        return [from_row(Generation, row) for row in found]

    async def keep_pictures(self, generation_id: str, pictures: Sequence[Picture]) -> None:
        """Record the pictures of a generation, in place of any recorded before."""

        await self._database.write(lambda db: _keep_pictures(db, generation_id, pictures))

    async def complete(
        self, generation_id: str, pictures: Sequence[Picture], cost: int, at: float, note: Sequence[Notice]
    ) -> Generation:
        """Record the pictures of a generation, settle its money and end it well: all or nothing."""

        def work(db: sqlite_utils.Database) -> Generation:
            _keep_pictures(db, generation_id, pictures)
            return self.generations.end(db, generation_id, JobState.SUCCEEDED, cost, at, note=tuple(note))

        return await self._database.write(work)

    async def pictures(self, generation_id: str) -> Sequence[Picture]:
        """List the pictures of a generation."""
        sql = "SELECT * FROM pictures WHERE generation_id = :it ORDER BY number"
        found = await self._database.read(lambda db: rows(db, sql, it=generation_id))
        return [from_row(Picture, row) for row in found]

    async def wanted(self, job_ids: Sequence[str]) -> set[str]:
        """Tell which of these are generations, wait for *Paint all*, or are selections."""

        def work(db: sqlite_utils.Database) -> set[str]:
            sql = "SELECT id FROM generations WHERE id IN (SELECT value FROM json_each(:ids))"
            accepted = {row["id"] for row in rows(db, sql, ids=json.dumps(job_ids))}
            waiting = [from_row(Batch, row) for row in rows(db, "SELECT * FROM batches")]
            selected = {row["id"] for row in rows(db, "SELECT id FROM selections")}
            return accepted | selected | {wish.id for batch in waiting for wish in batch.wishes}

        return await self._database.read(work)

    async def shelf(self, job_ids: Sequence[str]) -> Mapping[str, Sequence[str] | None]:
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

    async def picture_paths(self) -> Sequence[str]:
        """List where all pictures lie, relative to the data directory."""
        return await self._database.read(lambda db: [row["path"] for row in rows(db, "SELECT path FROM pictures")])

    async def spent(self, actor: Actor, at: float) -> Spent:
        """Add up what this member and this guild have spent or reserved in the month of a time."""
        return await self._database.read(lambda db: admission.spent_by(db, actor, at))


def _keep_pictures(db: sqlite_utils.Database, generation_id: str, pictures: Sequence[Picture]) -> None:
    run(db, "DELETE FROM pictures WHERE generation_id = :it", it=generation_id)
    db.table("pictures").insert_all(to_row(picture) for picture in pictures)
