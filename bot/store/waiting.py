"""What waits for a press has a share of room for each member, and a day: who brings more lets their own oldest go."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlite_utils

from bot.domain.entities import Batch, Dataset, Search, Selection
from bot.store.queries import Queries, rows, run
from bot.store.rows import from_row, to_row

Waiting = Dataset | Batch | Selection | Search
TABLES: dict[type[Waiting], str] = {
    Dataset: "datasets",
    Batch: "batches",
    Selection: "selections",
    Search: "searches",
}
SQL, SQLITE = Queries("undecided"), Queries("sqlite")


def add(db: sqlite_utils.Database, new: Waiting, most: int, most_bytes: int | None) -> Sequence[Waiting]:
    """Keep something, and take away and return those of the same member that are too many or too large beside it."""
    kind = type(new)
    db.table(TABLES[kind]).insert(to_row(new), replace=True)
    mine = rows(db, _of(kind, SQLITE.newest_first), owner=new.owner_id)  # in the order of coming, whatever clocks say
    beyond: list[Waiting] = []
    size = 0
    for index, row in enumerate(mine):
        one = from_row(kind, row)
        size += size_of(one)
        if index and (index >= most or (most_bytes is not None and size > most_bytes)):
            beyond.append(one)
    return _gone(db, kind, beyond)


def size_of(one: Waiting) -> int:
    """Say how many bytes a draft's zip has; pictures that generations begin with are small, and not counted."""
    return int(one.report.get("archive_bytes", 0)) if isinstance(one, Dataset) else 0


def expire(db: sqlite_utils.Database, before: float, young: Collection[str]) -> Sequence[Waiting]:
    """Take away and return what has waited since before a time, but for those that are known to be young."""
    gone: list[Waiting] = []
    for kind in TABLES:
        old = [from_row(kind, row) for row in rows(db, _of(kind, SQL.old), before=before)]
        gone += _gone(db, kind, [one for one in old if one.id not in young])
    return gone


def every(db: sqlite_utils.Database) -> Sequence[Waiting]:
    """List all that waits with files."""
    return [from_row(kind, row) for kind in (Dataset, Batch, Selection) for row in rows(db, _of(kind, SQL.all))]


def remove(db: sqlite_utils.Database, gone: Sequence[Waiting]) -> None:
    """Take these away."""
    for one in gone:
        _gone(db, type(one), [one])


def _gone(db: sqlite_utils.Database, kind: type[Any], gone: Sequence[Waiting]) -> Sequence[Waiting]:
    for one in gone:
        run(db, _of(kind, SQL.remove), it=one.id)
    return gone


def _of(kind: type[Any], query: str) -> str:
    """Ask a table only for what still waits: an upload does until somebody has pressed *Start*."""
    return query.format(table=TABLES[kind], waits="consent_at IS NULL" if kind is Dataset else "1 = 1")
