"""What waits for a press has a share of room for each member, and a day: who brings more lets their own oldest go."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlite_utils

from bot.domain.entities import Batch, Dataset, Search, Selection
from bot.store.queries import rows, run
from bot.store.rows import from_row, to_row

Waiting = Dataset | Batch | Selection | Search
TABLES: dict[type[Waiting], str] = {
    Dataset: "datasets",
    Batch: "batches",
    Selection: "selections",
    Search: "searches",
}
UNDECIDED: dict[type[Waiting], str] = {Dataset: "consent_at IS NULL"}
"""What tells, in SQL, those that still wait from those that somebody has pressed *Start* for."""


def add(db: sqlite_utils.Database, new: Waiting, most: int, most_bytes: int | None) -> Sequence[Waiting]:
    """Keep something, and take away and return those of the same member that are too many or too large beside it."""
    kind = type(new)
    db.table(TABLES[kind]).insert(to_row(new), replace=True)
    sql = f"SELECT rowid AS place, * FROM {TABLES[kind]} WHERE owner_id = :owner AND {UNDECIDED.get(kind, '1')}"
    mine = rows(db, f"{sql} ORDER BY rowid DESC", owner=new.owner_id)  # in the order of coming, whatever clocks say
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
    for kind, table in TABLES.items():
        sql = f"SELECT * FROM {table} WHERE created_at < :before AND {UNDECIDED.get(kind, '1')}"
        old = [from_row(kind, row) for row in rows(db, sql, before=before)]
        gone += _gone(db, kind, [one for one in old if one.id not in young])
    return gone


def every(db: sqlite_utils.Database) -> Sequence[Waiting]:
    """List all that waits with files."""
    return [
        from_row(kind, row)
        for kind in (Dataset, Batch, Selection)
        for row in rows(db, f"SELECT * FROM {TABLES[kind]} WHERE {UNDECIDED.get(kind, '1')}")
    ]


def remove(db: sqlite_utils.Database, gone: Sequence[Waiting]) -> None:
    """Take these away."""
    for one in gone:
        _gone(db, type(one), [one])


def _gone(db: sqlite_utils.Database, kind: type[Any], gone: Sequence[Waiting]) -> Sequence[Waiting]:
    for one in gone:
        run(db, f"DELETE FROM {TABLES[kind]} WHERE id = :it AND {UNDECIDED.get(kind, '1')}", it=one.id)
    return gone
