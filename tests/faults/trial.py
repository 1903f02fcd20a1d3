"""A stage on which things go wrong, and the promises that hold for every row of the fault matrix all the same."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.bot_process import REPLICATE_TOKEN, BotProcess
from sandbox.discord import TOKEN, Exchange, Message
from sandbox.replicate.faults import LIST_DELAY, Habits
from sandbox.replicate.ledger import Created
from sandbox.visitor import Visitor
from sandbox.world import World
from tests.e2e.stage import FAST, PLENTY, WITHIN, Stage

TRAINED = 1 + 8  # runs at Replicate that a fine-tune takes: its training, and the pictures of its sheet
LOOK = 0.05  # seconds between two looks at what has no way to call us
BOT, HURRIED = ("-m", "bot", "run"), ("-m", "tests.faults.hurried")
JOBS = "SELECT j.*, l.spent FROM {} j LEFT JOIN ledger l ON l.job_id = j.id"
INTERACTION_TOKEN = re.compile("aW50ZXJhY3Rpb24[0-9A-Za-z_-]{30}")


@dataclass
class Began:
    """What was there when a test began, and is not its doing."""

    jobs: set[str]
    created: int
    logged: int
    exchanges: list[Exchange] = field(default_factory=list[Exchange])


class Trial(Stage):
    """A world, its bot, and what they have been through since the test began."""

    began: Began
    breaks: bool
    """Whether something of this machine breaks in this test, so that a traceback may be in the log."""

    def begin(self) -> None:
        """Begin a test."""
        self.breaks = False
        self.world.replicate.exchanges.clear()
        logged = self.bot.log_file.stat().st_size
        self.began = Began({row["id"] for row in self.jobs(new=False)}, len(self.world.replicate.created), logged)
        self.world.discord.rest.recorders[:] = [self.began.exchanges.append]

    def mend(self) -> None:
        """Let nothing go wrong any more; new runs are in Replicate's list late all the same."""
        self.world.discord.faults.clear()
        self.world.replicate.faults.clear()
        vars(self.world.replicate.habits).update(vars(Habits(list_delay=LIST_DELAY)))
        self.world.internet.broken.clear()

    def created(self) -> list[Created]:
        """List what Replicate accepted, and is paid for, in this test."""
        return self.world.replicate.created[self.began.created :]

    def jobs(self, *, new: bool = True) -> list[dict[str, Any]]:
        """Read the jobs of this test, each with what its budget was settled for."""
        found = [row for table in ("trainings", "generations") for row in self.query(JOBS.format(table))]
        return [row for row in found if not (new and row["id"] in self.began.jobs)]

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Ask the bot's database, without a way to change it."""
        file = (self.bot.directory / "atelier.db").absolute().as_uri()
        with closing(sqlite3.connect(f"{file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]

    def log(self) -> str:
        """Read what the bot logged in this test."""
        return self.bot.log_file.read_bytes()[self.began.logged :].decode(errors="replace")

    def asked(self, method: str, path: str) -> int:
        """Count this test's requests to Replicate that were answered, by an expression for their path."""
        return sum(one.method == method and bool(re.search(path, one.path)) for one in self.world.replicate.exchanges)

    def sent(self, method: str, path: str) -> list[Exchange]:
        """List this test's requests to Discord whose path matches an expression, with their answers."""
        return [one for one in self.began.exchanges if one.method == method and re.search(path, one.path)]

    async def settled(self) -> None:
        """Wait until everything of this test is over, told and settled."""
        await self.until(lambda: not self.unsettled(), "everything is settled")

    async def until(self, condition: Callable[[], object], what: str, within: float = WITHIN) -> None:
        """Wait until something is so that tells nobody: a row, a line of a log, a process."""
        clock = asyncio.get_running_loop().time
        end = clock() + within
        while not condition():
            assert clock() < end, f"It did not come to this: {what}\n{self.bot.log_tail()}"
            await asyncio.sleep(LOOK)

    def unsettled(self) -> list[str]:
        """Name what is still under way."""
        return [row["id"] for row in self.jobs() if row["ended_at"] is None or not row["delivered"]]

    async def judge(self) -> None:
        """Hold what happened against the promises that no fault may break."""
        await self.settled()
        jobs = self.jobs()
        assert sorted(made.id for made in self.created()) == sorted(
            row["remote_id"] for row in jobs if row["remote_id"]
        )
        asked = [row for row in jobs if not row.get("parent_id")]
        assert [row["id"] for row in asked if row["spent"] is None or row["spent"] != row["cost"]] == []
        assert self.query("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert [
            path for pattern in ("*.part", "*.raw", "*.incoming") for path in self.bot.directory.rglob(pattern)
        ] == []
        self._judge_log()

    def _judge_log(self) -> None:
        log = self.log()
        for secret in (TOKEN, REPLICATE_TOKEN, self.world.replicate.state.secret):
            assert secret not in log
        assert not INTERACTION_TOKEN.search(log), log
        assert self.breaks or "Traceback" not in log, log


def results(member: Visitor, text: str) -> list[Message]:
    """List the messages with this text that a member can read in their channel, and in private."""
    return [
        message
        for channel in (member.channel, member.person.direct)
        for message in member.person.messages(channel)
        if text in message.text
    ]


def only(member: Visitor, text: str) -> Message:
    """Return the one message with this text that a member can read."""
    (found,) = results(member, text)
    return found


@asynccontextmanager
async def open_trial(
    directory: Path, command: Sequence[str] = BOT, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[Trial]:
    """Open a world and start the bot in it."""
    async with World(directory, speed=FAST) as world:
        settings = {**PLENTY, "ATELIER_SUBMIT_GRACE": "1", **(environment or {})}
        plain = world.bot(None, **settings)
        bot = BotProcess(world.discord, plain.directory, plain.settings, command=command)
        await bot.start()
        trial = Trial(world, bot)
        trial.mend()
        try:
            yield trial
        finally:
            if bot.pid is not None:
                await bot.kill()
