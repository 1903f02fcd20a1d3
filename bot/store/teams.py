"""What the leads of each server have settled: budgets, and a pause."""

from dataclasses import replace

import sqlite_utils

from bot.domain.team import Pause, Team, TeamBudget, Whom
from bot.store.database import Database
from bot.store.queries import Queries, one, rows, run
from bot.store.rows import from_row, to_row

SQL = Queries("teams")


class Teams:
    """The tables of what is settled for a whole server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, guild_id: int, month: str) -> Team:
        """Gather what holds in a server in a month."""
        return await self._database.read(lambda db: team_of(db, guild_id, month))

    async def set_budget(self, budget: TeamBudget) -> None:
        """Keep an amount of every month, in place of the one before."""
        await self._database.write(lambda db: _keep(db, budget))

    async def add_once(self, budget: TeamBudget) -> None:
        """Add an amount to what somebody has more in one month alone."""

        def work(db: sqlite_utils.Database) -> None:
            known = team_of(db, budget.guild_id, budget.month).once(budget.whom, (budget.whom_id,))
            _keep(db, replace(budget, amount=known + budget.amount))

        await self._database.write(work)

    async def remove_budget(self, guild_id: int, whom: Whom, whom_id: int) -> None:
        """Forget an amount of every month, so that what is usual counts again."""
        await self._database.write(lambda db: run(db, SQL.remove_budget, guild=guild_id, whom=whom.value, it=whom_id))

    async def pause(self, pause: Pause) -> None:
        """Accept nothing new in a server from now on."""
        await self._database.write(lambda db: db.table("pauses").insert(to_row(pause), replace=True))

    async def resume(self, guild_id: int) -> None:
        """Accept what members of a server ask for again."""
        await self._database.write(lambda db: run(db, SQL.resume, guild=guild_id))


def team_of(db: sqlite_utils.Database, guild_id: int, month: str) -> Team:
    """Gather what holds in a server in a month, within a transaction."""
    pause = one(db, SQL.pause, guild=guild_id)
    return Team(
        budgets=[from_row(TeamBudget, row) for row in rows(db, SQL.budgets, guild=guild_id, month=month)],
        pause=from_row(Pause, pause) if pause else None,
    )


def _keep(db: sqlite_utils.Database, budget: TeamBudget) -> None:
    db.table("team_budgets").insert(to_row(budget), replace=True)
