"""The steps of the second release."""

import json

import sqlite_utils

from bot.store.migrations.steps import migrations, require
from bot.store.queries import one, rows, run
from bot.store.redacting import plain_batch, plain_recipe


@migrations()
def late_runs(db: sqlite_utils.Database) -> None:
    """Jobs with a request that is unaccounted for are watched; the runs that turn up have entries in the ledger."""
    for table in ("trainings", "generations", "comparisons", "enrichments"):
        run(db, f"ALTER TABLE {table} ADD COLUMN watch_until REAL")
        run(db, f"CREATE INDEX {table}_watched ON {table} (watch_until) WHERE watch_until IS NOT NULL")
    columns = {"run_id": str, "jobs": str, "job_id": str, "found_at": float}
    db.table("late_runs").create(columns, pk="run_id", strict=True)


@migrations()
def oldest_code(db: sqlite_utils.Database) -> None:
    """The database says how old the code may be that uses it; code of the first release does not ask."""
    require(db, 2, "the Atelier of 26 November 2026")


@migrations()
def runs(db: sqlite_utils.Database) -> None:
    """Each run at Replicate belongs to one job of whatever kind; two could have the same while only a lock said so.

    The first to adopt it keeps it. Another that is not over looks for its own once more, as after a restart; one that
    is over keeps the address, as it was told.
    """
    db.table("runs").create({"run_id": str, "jobs": str, "job_id": str}, pk="run_id", strict=True)
    tables = ("trainings", "generations", "enrichments")
    kept = " UNION ALL ".join(
        f"SELECT remote_id, '{table}' AS jobs, id, started_at FROM {table} WHERE remote_id IS NOT NULL"
        for table in tables
    )
    order = "started_at IS NULL, started_at, id"
    run(db, f"INSERT OR IGNORE INTO runs SELECT remote_id, jobs, id FROM ({kept}) ORDER BY {order}")
    run(db, "INSERT OR IGNORE INTO runs SELECT run_id, jobs, job_id FROM late_runs")
    for table in tables:
        run(
            db,
            f"UPDATE {table} SET state = 'waiting', remote_id = NULL, remote_url = NULL, started_at = NULL "
            "WHERE state IN ('waiting', 'running') AND remote_id IS NOT NULL "
            f"AND remote_id NOT IN (SELECT run_id FROM runs WHERE jobs = '{table}' AND job_id = id)",
        )


@migrations()
def secrets_that_have_served(db: sqlite_utils.Database) -> None:
    """Addresses lose their secrets, but for those of what still runs, which go as it ends, and of what waits."""
    over = "state NOT IN ('waiting', 'running') AND instr(recipe, '://')"
    for row in rows(db, f"SELECT id, recipe FROM generations WHERE {over}"):
        run(db, "UPDATE generations SET recipe = :it WHERE id = :id", id=row["id"], it=plain_recipe(row["recipe"]))
    for row in rows(db, "SELECT wishes FROM batches WHERE instr(wishes, '://')"):
        first = json.loads(row["wishes"])[0]["id"]
        if one(db, "SELECT 1 FROM generations WHERE id = :it", it=first):
            plain_batch(db, first)
