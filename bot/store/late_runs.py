"""Runs that took effect after their requests had been given up: each belongs to one job, and is paid by itself."""

from collections.abc import Sequence

import sqlite_utils

from bot.domain.entities import Job, LateRun
from bot.store import ledger, runs
from bot.store.database import Database
from bot.store.queries import Queries, one, rows, run
from bot.store.rows import from_row, to_row

SQL = Queries("money")
PAYERS = ("trainings", "comparisons")
"""What pays for the generations that it brought with it."""


class LateRuns:
    """Which there were, and which are still to be paid."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, late: LateRun, job: Job) -> bool:
        """Take a run for a job and set its money aside, together; tells whether no job had it before."""
        return await self._database.write(lambda db: claim(db, late, job))

    async def unsettled(self) -> Sequence[LateRun]:
        """List those whose cost is not known yet, oldest first."""
        found = await self._database.read(lambda db: rows(db, SQL.unsettled_runs))
        return [from_row(LateRun, row) for row in found]

    async def settle(self, run_id: str, cost: int) -> None:
        """Book what a run did cost; doing so again changes nothing."""
        await self._database.write(lambda db: ledger.settle(db, run_id, cost))


def claim(db: sqlite_utils.Database, late: LateRun, job: Job) -> bool:
    """Take a run for a job that is over or has another, within a transaction; tells whether no job had it before.

    A job that was charged because it may have had a run is charged for this one in its stead.
    """
    is_free = runs.take(db, late.run_id, late.jobs, late.job_id)
    if is_free:
        db.table("late_runs").insert(to_row(late))
        ledger.set_aside(db, late.run_id, job)
        _refund(db, late)
    return is_free


def _refund(db: sqlite_utils.Database, late: LateRun) -> None:
    """Take back what a job without any run was charged, from whoever has paid."""
    job = one(db, SQL.charged_without_run.format(table=late.jobs), it=late.job_id)
    if job is None:
        return
    run(db, SQL.charge_nothing.format(table=late.jobs), it=late.job_id)
    payer = job.get("parent_id") or late.job_id
    back = {"it": payer, "cost": job["cost"]}
    run(db, SQL.take_back, **back)
    for table in PAYERS if payer != late.job_id else ():
        run(db, SQL.lower_cost.format(table=table), **back)
