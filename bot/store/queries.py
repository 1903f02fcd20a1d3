"""SQL by name, from the files in sql/, and how it is run on a sqlite-utils database, with values always bound.

A file has the queries of one subject, each below a line `-- name`. `{table}` and the like stand for names of ours,
never for values. What only SQLite understands is in sqlite.sql, and in `database`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# (sqlite-utils leaves the contents of its sequences and dicts open)

import re
from pathlib import Path
from typing import Any

import sqlite_utils

FILES = Path(__file__).parent / "sql"


class Queries:
    """The queries of one subject: `Queries("jobs").count`."""

    def __init__(self, subject: str) -> None:
        text = (FILES / f"{subject}.sql").read_text("utf-8")
        parts = re.split(r"^-- (\w+)\n", text, flags=re.MULTILINE)[1:]
        self._queries = {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}

    def __getattr__(self, name: str) -> str:
        try:
            return self._queries[name]
        except KeyError:
            raise AttributeError(f"there is no query {name}") from None

    def __dir__(self) -> list[str]:
        return sorted(self._queries)


def rows(db: sqlite_utils.Database, sql: str, **values: Any) -> list[dict[str, Any]]:
    """Run a query and return its rows."""
    return list(db.query(sql, values))


def one(db: sqlite_utils.Database, sql: str, **values: Any) -> dict[str, Any] | None:
    """Run a query and return its first row, or None."""
    return next(iter(rows(db, sql, **values)), None)


def run(db: sqlite_utils.Database, sql: str, **values: Any) -> None:
    """Run a statement whose result nobody needs."""
    db.execute(sql, values)


def change(db: sqlite_utils.Database, table: str, key: str | int, changes: dict[str, Any]) -> None:
    """Change some columns of one row; sqlite-utils' own update would ask five times first what the table is like."""
    columns = ", ".join(f"[{name}] = :{name}" for name in changes)
    run(db, f"UPDATE [{table}] SET {columns} WHERE id = :the_key", **changes, the_key=key)
