"""The money: reserved before a run, settled after it, each in the transaction of the job's own row."""

import datetime
from dataclasses import dataclass

import sqlite_utils

from bot.domain.entities import Job
from bot.domain.money import dollars
from bot.errors import OverBudget
from bot.store.queries import one, run


@dataclass(frozen=True, slots=True)
class Budgets:
    """What may be spent in a calendar month (UTC), in micro-dollars."""

    member: int
    guild: int


def month_of(at: float) -> str:
    """Name the calendar month of a time."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m")


def spent(db: sqlite_utils.Database, guild_id: int, month: str, user_id: int | None = None) -> int:
    """Add up what a guild, or one member in it, has spent or reserved in a month."""
    mine = "" if user_id is None else " AND user_id = :user"
    sql = f"SELECT total(coalesce(spent, reserved)) AS sum FROM ledger WHERE guild_id = :guild AND month = :month{mine}"
    found = one(db, sql, guild=guild_id, month=month, user=user_id or 0)
    return int(found["sum"]) if found else 0


def reserve(db: sqlite_utils.Database, job: Job, budgets: Budgets) -> None:
    """Set a job's estimate aside; raises OverBudget with the sums."""
    check(db, job, job.estimate, budgets)
    set_aside(db, job.id, job)


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


def check(db: sqlite_utils.Database, job: Job, amount: int, budgets: Budgets) -> None:
    """Refuse an amount for a job, and for others that come with it, that is more than is left; raises OverBudget."""
    month = month_of(job.created_at)
    for who, limit, used in (
        ("You have", budgets.member, spent(db, job.guild_id, month, job.owner_id)),
        ("This server has", budgets.guild, spent(db, job.guild_id, month)),
    ):
        if amount and used + amount > limit:
            raise OverBudget(
                f"This would cost about {dollars(amount)}. {who} {dollars(max(0, limit - used))} left of "
                f"{dollars(limit)} this month. Ask for less, wait for the next month, "
                "or ask your lead for a larger budget."
            )


def settle(db: sqlite_utils.Database, job_id: str, cost: int) -> None:
    """Replace a job's reservation by what it did cost; doing so again changes nothing."""
    run(db, "UPDATE ledger SET spent = :cost WHERE job_id = :job AND spent IS NULL", cost=cost, job=job_id)
