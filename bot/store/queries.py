"""Plain SQL on a sqlite-utils database, with values always bound; where its types end and ours begin."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# (sqlite-utils leaves the contents of its sequences and dicts open)

from typing import Any

import sqlite_utils


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
