"""Whether an SQLite file can be used, before it is: whether there is anything in it, and whether it is damaged."""

import sqlite3
from contextlib import closing
from pathlib import Path

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
PRIMARY = 0xFF  # the part of an error's code that names its kind


def is_blank(path: Path) -> bool:
    """Tell whether there is no file, or one without a single table; a damaged one is not blank."""
    if not path.exists() or not path.stat().st_size:
        return True
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    except sqlite3.DatabaseError as error:
        if not _tells_damage(error):
            raise
        return False


def has_rows(path: Path, table: str) -> bool:
    """Tell whether there is anything in a table; a damaged file may have anything in it."""
    if is_blank(path):
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
    except sqlite3.OperationalError as error:
        if f"no such table: {table}" not in str(error):
            raise
        return False
    except sqlite3.DatabaseError as error:
        if not _tells_damage(error):
            raise
        return True


def damage(path: Path) -> str:
    """Say in SQLite's words what is wrong with a file; empty where nothing is, or where there is none.

    All of it is read only after a process that did not close it: that takes 2 s a gigabyte.
    """
    if not path.exists() or not path.stat().st_size:
        return ""
    log = path.with_name(f"{path.name}-wal")
    was_killed = log.exists() and log.stat().st_size > 0
    try:
        with closing(sqlite3.connect(path)) as connection:
            question = "PRAGMA quick_check(1)" if was_killed else "SELECT 'ok', count(*) FROM sqlite_master"
            told = str(connection.execute(question).fetchone()[0])
    except sqlite3.DatabaseError as error:
        if not _tells_damage(error):
            raise
        return str(error)
    return "" if told == "ok" else told.splitlines()[-1]


def _tells_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY in DAMAGED
