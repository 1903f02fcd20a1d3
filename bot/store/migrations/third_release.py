"""The steps of the third release."""

import json

import sqlite_utils

from bot.store.migrations.steps import migrations, require
from bot.store.queries import rows, run

SAME = ("id", "guild_id", "owner_id", "channel_id", "created_at", "prompt", "labels")


@migrations()
def comparisons_that_wait(db: sqlite_utils.Database) -> None:
    """A batch says which comparison its wishes belong to; it was one where its wishes had labels."""
    run(db, "ALTER TABLE batches ADD COLUMN comparison TEXT")
    require(db, 3, "the Atelier of 27 November 2026")
    for row in rows(db, "SELECT * FROM batches WHERE labels != '[]'"):
        wishes = json.loads(row["wishes"])
        comparison = {name: row[name] for name in SAME} | {"estimate": sum(wish["estimate"] for wish in wishes)}
        run(db, "UPDATE batches SET comparison = :it WHERE id = :id", id=row["id"], it=json.dumps(comparison))


@migrations()
def codes_for_sentences(db: sqlite_utils.Database) -> None:
    """What members read of a job is kept as codes, which older code would show as they are; sentences stay as read."""
    require(db, 4, "the Atelier of 27 November 2026")


@migrations()
def teams(db: sqlite_utils.Database) -> None:
    """Leads set budgets and pause their server; older code goes by the operator's budgets alone."""
    columns = {"guild_id": int, "whom": str, "whom_id": int, "month": str, "amount": int}
    db.table("team_budgets").create(columns, pk=("guild_id", "whom", "whom_id", "month"), strict=True)
    columns = {"guild_id": int, "user_id": int, "reason": str, "paused_at": float}
    db.table("pauses").create(columns, pk="guild_id", strict=True)
    require(db, 5, "the Atelier of 27 November 2026")
