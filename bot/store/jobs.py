"""The tables of jobs, which are alike in everything that makes them jobs."""

import math
from collections.abc import Sequence
from typing import Generic, TypeVar

import sqlite_utils

from bot.domain.addresses import kept
from bot.domain.entities import Actor, Generation, Job, JobState, LateRun
from bot.domain.notices import Notice
from bot.store import late_runs, ledger, runs
from bot.store.database import Database
from bot.store.queries import Queries, change, one, rows, run
from bot.store.rows import encoded, from_row

J = TypeVar("J", bound=Job)
SQL = Queries("jobs")
OPEN = (JobState.WAITING.value, JobState.RUNNING.value)  # reads as a list of SQL


class Jobs(Generic[J]):
    """One table of jobs."""

    def __init__(self, database: Database, kind: type[J]) -> None:
        self._database = database
        self.table = kind.table
        self._kind = kind
        # What tells the jobs that a member asked for from those that another job brought with it.
        asked_for = "parent_id IS NULL" if kind is Generation else "1 = 1"
        self._sql = {
            name: getattr(SQL, name).format(table=kind.table, open=OPEN, asked_for=asked_for) for name in dir(SQL)
        }

    async def find(self, job_id: str) -> J | None:
        """Find a job by its id."""
        return await self._database.read(lambda db: self.find_in(db, job_id))

    async def get(self, job_id: str) -> J:
        """Get a job that must be there; raises LookupError."""
        return await self._database.read(lambda db: self.get_in(db, job_id))

    async def update(self, job_id: str, **changes: object) -> J:
        """Change some fields of a job and return it."""

        def work(db: sqlite_utils.Database) -> J:
            change(db, self.table, job_id, encoded(changes))
            return self.get_in(db, job_id)

        return await self._database.write(work)

    async def end(self, job_id: str, state: JobState, cost: int, at: float, error: Notice | None = None) -> J:
        """End a job and settle its money, together; a job that is over stays as it is."""

        return await self._database.write(lambda db: self.end_in(db, job_id, state, cost, at, error=error))

    async def request_cancel(self, job_id: str) -> J:
        """Note that the owner wants a job to end; a job that is over stays as it is."""

        def work(db: sqlite_utils.Database) -> J:
            run(db, self._sql["request_cancel"], it=job_id)
            return self.get_in(db, job_id)

        return await self._database.write(work)

    async def unfinished(self, before: float = math.inf) -> Sequence[J]:
        """List every job accepted before a time that is not over or whose end nobody was told, oldest first.

        What belongs to another job is that job's business.
        """
        return await self._select("unfinished", before=before)

    async def watched(self, now: float) -> Sequence[J]:
        """List every job of which a run may still turn up, and which has one already or is over."""
        return await self._select("watched", now=now)

    async def undecided(self) -> Sequence[J]:
        """List every job that may have a run at Replicate of which nothing is known here yet."""
        return await self._select("undecided")

    async def of_member(self, actor: Actor, limit: int) -> Sequence[J]:
        """List what somebody asked for in a guild: what runs, then what was only kept, then the rest; newest first."""
        return await self._select("of_member", guild=actor.guild_id, user=actor.user_id, limit=limit)

    async def of_guild(self, guild_id: int) -> Sequence[J]:
        """List what members of a guild asked for and is not over, oldest first."""
        return await self._select("of_guild", guild=guild_id)

    async def of_fine_tune(self, fine_tune_id: int) -> Sequence[J]:
        """List the jobs of a fine-tune that are not over."""
        return await self._select("of_fine_tune", it=fine_tune_id)

    async def count(self, fine_tune_id: int) -> int:
        """Count the jobs that a fine-tune ever had."""
        found = await self._database.read(lambda db: one(db, self._sql["count"], it=fine_tune_id))
        return int(found["n"]) if found else 0

    async def adopt(self, job_id: str, run_id: str, web: str | None, at: float) -> J | None:
        """Give a run at Replicate to a job, which then runs, and return it; None when another job has it already.

        A job that is over, or has another run, stays as it is: the run is then one of its late ones, to be ended and
        paid by itself.
        """

        def work(db: sqlite_utils.Database) -> J | None:
            job = self.get_in(db, job_id)
            owner = runs.owner(db, run_id)
            if owner is not None:
                return job if owner == (self.table, job_id) else None
            if job.state.is_over or job.remote_id:
                late_runs.claim(db, LateRun(run_id=run_id, jobs=self.table, job_id=job_id, found_at=at), job)
                return job
            runs.take(db, run_id, self.table, job_id)
            changes = {"remote_id": run_id, "remote_url": web, "state": JobState.RUNNING, "started_at": at}
            change(db, self.table, job_id, encoded(changes))
            return self.get_in(db, job_id)

        return await self._database.write(work)

    async def _select(self, query: str, **values: object) -> Sequence[J]:
        found = await self._database.read(lambda db: rows(db, self._sql[query], **values))
        return [from_row(self._kind, row) for row in found]

    def find_in(self, db: sqlite_utils.Database, job_id: str) -> J | None:
        """Find a job within a transaction."""
        row = one(db, self._sql["find"], it=job_id)
        return from_row(self._kind, row) if row else None

    def get_in(self, db: sqlite_utils.Database, job_id: str) -> J:
        """Find a job within a transaction; raises LookupError."""
        found = self.find_in(db, job_id)
        if found is None:
            raise LookupError(f"{self.table} has no {job_id}")
        return found

    def end_in(
        self, db: sqlite_utils.Database, job_id: str, state: JobState, cost: int, at: float, **changes: object
    ) -> J:
        """End a job, with some other changes, and settle its money, within a transaction; not if it is over."""
        job = self.get_in(db, job_id)
        if job.state.is_over:
            return job
        ledger.settle(db, job_id, cost)
        if isinstance(job, Generation) and (recipe := kept(job.recipe)) != job.recipe:
            changes["recipe"] = recipe
            self._database.erase()
        change(db, self.table, job_id, encoded({"state": state, "cost": cost, "ended_at": at, **changes}))
        return self.get_in(db, job_id)
