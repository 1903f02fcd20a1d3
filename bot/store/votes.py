"""The team's votes on sample sheets: one vote a member and training, the last one counts."""

from collections.abc import Mapping

import sqlite_utils

from bot.domain.samples import winner
from bot.store.database import Database
from bot.store.queries import Queries, rows, run

SQL = Queries("fine_tunes")


class Votes:
    """Who votes for which LoRA scale, and what has won so far."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cast(self, training_id: str, user_id: int, scale: float, at: float) -> None:
        """Keep somebody's vote, in place of their earlier one, and the winner with the version; together."""

        def work(db: sqlite_utils.Database) -> None:
            vote = {"training_id": training_id, "user_id": user_id, "scale": scale, "voted_at": at}
            db.table("votes").insert(vote, replace=True)
            won = winner(_count(db, training_id))
            run(db, SQL.note_winner, it=training_id, won=won)

        await self._database.write(work)

    async def count(self, training_id: str) -> Mapping[float, int]:
        """Count the votes of a training by LoRA scale."""
        return await self._database.read(lambda db: _count(db, training_id))


def _count(db: sqlite_utils.Database, training_id: str) -> dict[float, int]:
    return {row["scale"]: row["votes"] for row in rows(db, SQL.count_votes, it=training_id)}
