"""The list that every step of a release enters by its decorator."""

import sqlite_utils
from sqlite_utils import Migrations

from bot.errors import AtelierError
from bot.store.queries import one, run

SCHEMA = 5
"""What this code calls its schema. It is raised by one with each release that has a step."""
migrations = Migrations("atelier")


class NewerSchema(AtelierError):
    """A newer version has changed the database in a way that this code cannot live with."""


def require(db: sqlite_utils.Database, schema: int, code: str) -> None:
    """Let no code older than this schema use the database any more; `code` names what may, for people.

    A step calls it that takes away or gives another meaning to what older code reads or writes.
    """
    db.table("compatibility").create({"id": int, "schema": int, "code": str}, pk="id", strict=True, if_not_exists=True)
    run(db, "INSERT OR REPLACE INTO compatibility VALUES (1, :schema, :code)", schema=schema, code=code)


def refuse_newer(db: sqlite_utils.Database) -> None:
    """Raise NewerSchema where the database names newer code than this as the oldest that may use it."""
    if one(db, "SELECT 1 FROM sqlite_master WHERE name = 'compatibility'") is None:
        return  # as the first release left it, or new
    oldest = one(db, "SELECT schema, code FROM compatibility")
    if oldest and oldest["schema"] > SCHEMA:
        raise NewerSchema(
            f"The data folder was used by a newer Atelier, and this one is too old for it. Run {oldest['code']} or "
            "newer, or put the backup that was made before the upgrade in its place."
        )
