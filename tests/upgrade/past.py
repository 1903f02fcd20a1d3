"""A world as it was when an older version of the bot was killed in it; its times are moved up to today.

Replicate forgets a prediction after an hour, and drafts wait for days only, so all that an archive dates, in the
bot's databases and at Replicate, is as old today as it was when it was recorded. Ids stay as they are.
"""

import asyncio
import json
import re
import sqlite3
import tarfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from simcord.backend.models import Message as Stored

from sandbox.discord import Message
from sandbox.visitor import Visitor
from sandbox.world import World
from tests.e2e.stage import FAST, PLENTY, WITHIN, Stage

JOBS = ("trainings", "generations", "comparisons", "enrichments")
OPEN_JOBS = "SELECT id FROM {} WHERE state IN ('waiting', 'running') OR delivered = ''"
HIDDEN = "SELECT id FROM fine_tunes WHERE deleted_at IS NOT NULL"
MOMENT = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z))"')
GRACE = {"ATELIER_SUBMIT_GRACE": "1"}  # what was on its way when the bot was killed is gone


class Past(Stage):
    """A world, the bot that is started in it today, and what the marks of the recording name."""

    marks: dict[str, str]
    paid: list[str]
    """The runs that Replicate had when the bot was killed."""

    @property
    def bob(self) -> Visitor:
        """Bob, in the same channel as Alice."""
        return Visitor(self.world, self.world.bob, self.world.channel, within=WITHIN)

    def everything(self) -> list[dict[str, Any]]:
        """List all jobs of all kinds."""
        return [row for table in JOBS for row in self.rows(f"SELECT * FROM {table}")]  # noqa: S608 - names of ours

    async def settled(self) -> None:
        """Wait until nothing is under way any more."""
        async with asyncio.timeout(2 * WITHIN):
            while self.unsettled():  # noqa: ASYNC110 - nobody tells of a row that was written
                await asyncio.sleep(0.05)

    def unsettled(self) -> list[str]:
        """Name what is still under way."""
        jobs = [row["id"] for table in JOBS for row in self.rows(OPEN_JOBS.format(table))]
        hidden = [f"fine-tune {row['id']}" for row in self.rows(HIDDEN)]
        return jobs + hidden

    def message(self, mark: str) -> Message:
        """Find a message by its mark."""
        discord = self.world.discord
        found = (m[int(self.marks[mark])] for m in discord.backend.messages.values() if int(self.marks[mark]) in m)
        return Message(discord.env, next(found))

    def rows(self, sql: str, name: str = "atelier.db") -> list[dict[str, Any]]:
        """Ask one of the bot's databases, without a way to change it."""
        uri = f"{(self.bot.directory / name).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]


@asynccontextmanager
async def open_past(archive: Path, directory: Path) -> AsyncGenerator[Past]:
    """Unpack an archive and open its world; the bot is not started yet."""
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="data")
    told = json.loads((directory / "world.json").read_text())
    age = time.time() - told["recorded_at"]
    move_rows(directory / "bot" / "atelier.db", age)
    state = directory / "replicate" / "state.json"
    state.write_text(moved(state.read_text(), age))
    async with World(directory, speed=FAST) as world:
        for row in told["messages"]:
            world.discord.backend.messages[row["channel_id"]][row["id"]] = Stored(**row)
        world.replicate.predictor.detail = "once"
        past = Past(world, world.bot(None, **(PLENTY | GRACE)))
        past.marks, past.paid = told["marks"], list(world.replicate.state.jobs)
        try:
            yield past
        finally:
            if past.bot.pid is not None:
                await past.bot.stop()


def move_rows(database: Path, age: float) -> None:
    """Move every moment in a database of the bot's; by convention their columns are called so."""
    with closing(sqlite3.connect(database)) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")
        for (table,) in tables.fetchall():
            columns = [row[1] for row in db.execute(f"PRAGMA table_info([{table}])") if row[1].endswith("_at")]
            for column in columns if not table.startswith(("_", "prompts")) else ():
                db.execute(f"UPDATE [{table}] SET [{column}] = [{column}] + ?", (age,))  # noqa: S608 - names of ours
        db.commit()


def moved(text: str, age: float) -> str:
    """Move every moment in a JSON text."""

    def later(match: re.Match[str]) -> str:
        return f'"{(datetime.fromisoformat(match[1]) + timedelta(seconds=age)).isoformat()}"'

    return MOMENT.sub(later, text)
