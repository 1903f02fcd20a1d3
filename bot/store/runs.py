"""Whose the runs at Replicate are: each belongs to one job of whatever kind, the first that took it, for good."""

import sqlite_utils

from bot.store.queries import Queries, one, run

SQL = Queries("money")


def owner(db: sqlite_utils.Database, run_id: str) -> tuple[str, str] | None:
    """Find the job that has a run, as its table and id, within a transaction."""
    found = one(db, SQL.owner_of_run, it=run_id)
    return (found["jobs"], found["job_id"]) if found else None


def take(db: sqlite_utils.Database, run_id: str, jobs: str, job_id: str) -> bool:
    """Give a run to a job of a table, within a transaction; tells whether no job had it before."""
    is_free = owner(db, run_id) is None
    if is_free:
        run(db, SQL.take_run, it=run_id, jobs=jobs, job=job_id)
    return is_free
