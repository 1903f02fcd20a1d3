"""The money: reserved before a run, settled after it, each in the transaction of the job's own row."""

import datetime
from collections.abc import Mapping

import sqlite_utils

from bot.domain.entities import Job
from bot.store.queries import Queries, one, rows, run

SQL = Queries("money")


def month_of(at: float) -> str:
    """Name the calendar month of a time."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m")


def spent(db: sqlite_utils.Database, guild_id: int, month: str, user_id: int | None = None) -> int:
    """Add up what a guild, or one member in it, has spent or reserved in a month."""
    if user_id is None:
        found = one(db, SQL.spent_by_guild, guild=guild_id, month=month)
    else:
        found = one(db, SQL.spent_by_member, guild=guild_id, month=month, user=user_id)
    return int(found["sum"]) if found else 0


def spent_by_members(db: sqlite_utils.Database, guild_id: int, month: str) -> Mapping[int, int]:
    """Add up what each member of a guild has spent or reserved in a month, who spent most first."""
    return {row["user_id"]: int(row["sum"]) for row in rows(db, SQL.spent_by_members, guild=guild_id, month=month)}


def set_aside(db: sqlite_utils.Database, entry: str, job: Job) -> None:
    """Set a job's estimate aside under a name, whatever is left: for what will be charged anyhow."""
    db.table("ledger").insert(
        {
            "job_id": entry,
            "guild_id": job.guild_id,
            "user_id": job.owner_id,
            "month": month_of(job.created_at),
            "reserved": job.estimate,
            "spent": None,
        }
    )


def settle(db: sqlite_utils.Database, job_id: str, cost: int) -> None:
    """Replace a job's reservation by what it did cost; doing so again changes nothing."""
    run(db, SQL.settle, cost=cost, it=job_id)
