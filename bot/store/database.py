"""The file atelier.db: one thread that writes, one that reads, and its settings; it knows no table."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import sqlite_utils

from bot.store.migrations import migrations
from bot.store.migrations.steps import refuse_newer
from bot.store.queries import one, run

T = TypeVar("T")
BUSY_SECONDS = 30  # how long to wait for another process, such as Datasette, to let go of the file
ERASE_SECONDS = 0.1  # the same before its log is emptied, which the next write tries again


class Database:
    """SQLite for coroutines: `await database.write(work)` runs `work(db)` in one transaction on the writer's thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._to_erase = False
        self._write_to: sqlite_utils.Database  # set by open()
        self._read_from: sqlite_utils.Database

    async def open(self) -> None:
        """Open the file, making or migrating it where needed."""
        loop = asyncio.get_running_loop()
        self._write_to = await loop.run_in_executor(self._writer, self._open_writer)
        self._read_from = await loop.run_in_executor(self._reader, self._open_reader)

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        loop = asyncio.get_running_loop()
        for thread, db in ((self._reader, self._read_from), (self._writer, self._write_to)):
            await loop.run_in_executor(thread, db.close)
            thread.shutdown()

    async def write(self, work: Callable[[sqlite_utils.Database], T]) -> T:
        """Run work in a transaction of its own; an exception rolls it back. Cancelling the caller does not undo it."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._write, work)

    def erase(self) -> None:
        """Have what the transaction under way took out leave the disk as soon as it is committed.

        Until then the log beside the file has it; SQLite would write over it some thousand pages later.
        """
        self._to_erase = True

    async def read(self, work: Callable[[sqlite_utils.Database], T]) -> T:
        """Run work that only reads; it must return values, not cursors."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, work, self._read_from)

    def _write(self, work: Callable[[sqlite_utils.Database], T]) -> T:
        result = _in_transaction(work, self._write_to)
        if self._to_erase:
            self._to_erase = not _empty_log(self._write_to)
        return result

    def _open_writer(self) -> sqlite_utils.Database:
        db = sqlite_utils.Database(sqlite3.connect(self.path, timeout=BUSY_SECONDS))
        try:
            refuse_newer(db)
            db.enable_wal()
            run(db, "PRAGMA secure_delete=ON")  # a secret that is taken out of a row leaves its page, too
            run(db, "PRAGMA synchronous=FULL")  # a commit that was reported survives a power cut
            migrations.apply(db)
            run(db, "PRAGMA foreign_keys=ON")
            _empty_log(db)  # of what a kill left there
        except BaseException:
            db.close()
            raise
        return db

    def _open_reader(self) -> sqlite_utils.Database:
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        return sqlite_utils.Database(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS))


def _in_transaction(work: Callable[[sqlite_utils.Database], T], db: sqlite_utils.Database) -> T:
    # IMMEDIATE, because a transaction that begins by reading fails at once when another one writes meanwhile.
    run(db, "BEGIN IMMEDIATE")
    try:
        result = work(db)
        run(db, "COMMIT")
    except BaseException:
        if db.conn.in_transaction:  # a full disk may have ended it already; a busy file leaves it open
            run(db, "ROLLBACK")
        raise
    return result


def _empty_log(db: sqlite_utils.Database) -> bool:
    """Bring all of the log into the file and make it empty; tells whether nobody was reading it just then."""
    run(db, f"PRAGMA busy_timeout={round(1000 * ERASE_SECONDS)}")
    try:
        outcome = one(db, "PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:  # a full disk: what was to be committed is
        return False
    finally:
        run(db, f"PRAGMA busy_timeout={1000 * BUSY_SECONDS}")
    return outcome is not None and not outcome["busy"]


def refuse_newer_file(path: Path) -> None:
    """Raise NewerSchema where a file that there is was changed by newer code; nothing in it is touched."""
    if path.exists() and path.stat().st_size:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            refuse_newer(sqlite_utils.Database(connection))


def copy(source: Path, target: Path) -> None:
    """Copy an SQLite file as it is at one moment, even while it is being written."""
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)
