"""The steps of the second release."""

import sqlite_utils

from bot.store.migrations.steps import migrations, require
from bot.store.queries import run


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
