"""All that Atelier remembers, in one SQLite file: the only room with SQL."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlite_utils

from bot.domain.entities import Actor, Batch, Comparison, Enrichment, Selection, Training
from bot.domain.policy import Policy, Spent
from bot.store import admission, ledger, waiting
from bot.store.admission import Accepted, NotAdmitted, Request
from bot.store.database import Database
from bot.store.fine_tunes import FineTunes
from bot.store.gallery import Gallery
from bot.store.generations import Generations
from bot.store.jobs import J, Jobs
from bot.store.late_runs import LateRuns
from bot.store.pictures import Pictures
from bot.store.queries import Queries, rows
from bot.store.redacting import plain_batch
from bot.store.teams import Teams
from bot.store.undecided import Undecided
from bot.store.votes import Votes

__all__ = ["Accepted", "NotAdmitted", "Request", "Store"]

SQLITE = Queries("sqlite")


class Store:
    """The tables, a part a subject, and the one door for all that costs."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.fine_tunes = FineTunes(self._database)
        self.trainings = self.jobs(Training)
        self.generations = Generations(self._database)
        self.comparisons = self.jobs(Comparison)
        self.enrichments = self.jobs(Enrichment)
        self.pictures = Pictures(self._database)
        self.gallery = Gallery(self._database)
        self.undecided = Undecided(self._database)
        self.votes = Votes(self._database)
        self.teams = Teams(self._database)
        self.late_runs = LateRuns(self._database)

    async def __aenter__(self) -> "Store":
        await self._database.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()

    def jobs(self, kind: type[J]) -> Jobs[J]:
        """Give the table of a kind of job."""
        return Jobs(self._database, kind)

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

    async def spent(self, actor: Actor, at: float) -> Spent:
        """Add up what this member and this guild have spent or reserved in the month of a time."""
        return await self._database.read(lambda db: admission.spent_by(db, actor, at))

    async def spent_by_members(self, guild_id: int, month: str) -> Mapping[int, int]:
        """Add up what each member of a guild has spent or reserved in a month, who spent most first."""
        return await self._database.read(lambda db: ledger.spent_by_members(db, guild_id, month))

    async def wanted(self, job_ids: Sequence[str]) -> set[str]:
        """Tell which of these are generations, wait for *Paint all*, or are selections."""

        def work(db: sqlite_utils.Database) -> set[str]:
            accepted = {row["id"] for row in rows(db, SQLITE.generations_among, ids=json.dumps(job_ids))}
            waits = waiting.every(db)
            wished = {wish.id for one in waits if isinstance(one, Batch) for wish in one.wishes}
            return accepted | wished | {one.id for one in waits if isinstance(one, Selection)}

        return await self._database.read(work)
