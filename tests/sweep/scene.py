"""A world with a victim in it, that one run after the other is played in; it knows no scenario and no verdict."""

import asyncio
import io
import random
import sqlite3
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from PIL import Image, ImageDraw

from sandbox.bot_process import BotProcess
from sandbox.discord import Channel, Message
from sandbox.replicate.faults import LIST_DELAY
from sandbox.replicate.ledger import Created
from sandbox.world import World
from tests.sweep.points import STALL, Control

SPEED = 60.0
GRACE = 2 * STALL  # seconds; what hangs takes effect within it, as a real request would within a real grace
LOOK = 0.05  # seconds between two looks into the bot's databases, which have no way to call us
VICTIM = ("-m", "tests.sweep.victim")
SETTINGS = {
    "ATELIER_SUBMIT_GRACE": str(GRACE),
    "ATELIER_GUILD_BUDGET": "1000000",
    "ATELIER_MEMBER_BUDGET": "1000000",
    "ATELIER_ENRICH_MODEL": "meta/meta-llama-3-8b-instruct",
}
PATIENCE = 180.0  # seconds until what has not settled counts as stuck; the bot itself looks for such every ten
JOBS = ("trainings", "generations", "comparisons", "enrichments")
SCRAPS = ("*.part", "*.raw", "*.incoming")
OPEN_JOBS = "SELECT id FROM {} WHERE state IN ('waiting', 'running') OR delivered = ''"
HIDDEN = "SELECT id FROM fine_tunes WHERE deleted_at IS NOT NULL"
OPEN_LATE_RUNS = "SELECT run_id FROM late_runs JOIN ledger ON ledger.job_id = run_id WHERE spent IS NULL"


def photos(count: int = 3) -> bytes:
    """Draw a small zip of photos."""
    dice = random.Random(3)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            image = Image.new("RGB", (320, 320), (dice.randrange(255), dice.randrange(255), 90))
            ImageDraw.Draw(image).ellipse((40 + 20 * number, 60, 240, 280), fill=(dice.randrange(255), 0, 0))
            file = io.BytesIO()
            image.save(file, "JPEG")
            archive.writestr(f"{number}.jpg", file.getvalue())
    return out.getvalue()


class Scene:
    """Everything that a run needs; `begin_run` gives the next one a channel of its own and remembers what was there."""

    def __init__(self, directory: Path, *, command: Sequence[str] = VICTIM, blind: bool = False) -> None:
        self.world = World(directory, speed=SPEED)
        self.world.replicate.habits.list_delay = LIST_DELAY  # never paying twice rests on that list
        self.world.replicate.predictor.detail = "once"  # it is the bot's work that is swept, not the painter's
        self.control = Control(directory / "control")
        self.data = directory / "bot"
        self.photos = photos()
        with zipfile.ZipFile(io.BytesIO(self.photos)) as archive:
            self.photo = ("0.jpg", archive.read("0.jpg"))
        self.run = 0
        self._settings = (
            SETTINGS | {"SWEEP_CONTROL": str(directory / "control")} | ({"SWEEP_BLIND": "1"} if blind else {})
        )
        self._command = command

    async def __aenter__(self) -> Self:
        """Start the world and the bot."""
        await self.world.__aenter__()
        settings = self._settings | self.world.internet.environment()
        self.bot = BotProcess(self.world.discord, self.data, settings, command=self._command)
        await self.bot.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the bot and the world."""
        if self.bot.pid is not None:
            await self.bot.kill()
        await self.world.__aexit__(None, None, None)

    def begin_run(self) -> None:
        """Begin a run: what is there now is not its doing."""
        self.run += 1
        self.restarts = 0
        self.channel: Channel = self.world.discord.channel(self.world.guild, f"run-{self.run}")
        self._before = {table: {row["id"] for row in self.rows(table)} for table in JOBS}
        self._entries = {row["job_id"] for row in self.rows("ledger")}
        self._late = {row["run_id"] for row in self.rows("late_runs")}
        self._created = len(self.world.replicate.created)
        self._logged = self.bot.log_file.stat().st_size

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Read a table of atelier.db."""
        return self.query(f"SELECT * FROM {table}")  # noqa: S608 - a name of ours

    def new_rows(self, table: str) -> list[dict[str, Any]]:
        """Read the jobs of this run."""
        return [row for row in self.rows(table) if row["id"] not in self._before[table]]

    def new_entries(self) -> dict[str, dict[str, Any]]:
        """Read the entries of the ledger that this run made, by job."""
        return {row["job_id"]: row for row in self.rows("ledger") if row["job_id"] not in self._entries}

    def late_runs(self) -> list[dict[str, Any]]:
        """Read the late runs that the bot found in this run."""
        return [row for row in self.rows("late_runs") if row["run_id"] not in self._late]

    def cancelled(self) -> set[str]:
        """Name the runs that Replicate was asked to cancel."""
        paths = [one.path for one in self.world.replicate.exchanges if one.method == "POST"]
        return {path.split("/")[-2] for path in paths if path.endswith("/cancel")}

    def created(self) -> list[Created]:
        """List what Replicate accepted in this run."""
        return self.world.replicate.created[self._created :]

    def log(self) -> str:
        """Read what the bot logged in this run."""
        with self.bot.log_file.open(errors="replace") as file:
            file.seek(self._logged)
            return file.read()

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Ask the bot's database, without a way to change it."""
        with closing(
            sqlite3.connect(f"{(self.data / 'atelier.db').absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]

    def messages(self) -> list[Message]:
        """Return what Alice can read in this run's channel."""
        return self.world.alice.messages(self.channel)

    def unsettled(self) -> list[str]:
        """Name what is still under way."""
        jobs = [row["id"] for table in JOBS for row in self.query(OPEN_JOBS.format(table))]
        hidden = [f"fine-tune {row['id']}" for row in self.query(HIDDEN)]
        late = [f"late run {row['run_id']}" for row in self.query(OPEN_LATE_RUNS)]
        return jobs + hidden + late

    def watched(self) -> list[str]:
        """Name the jobs of this run of which a run may still turn up."""
        return [row["id"] for table in JOBS for row in self.new_rows(table) if row["watch_until"]]

    def going_on(self) -> list[str]:
        """Name the runs of this run that Replicate has not ended."""
        return [made.id for made in self.created() if not self.world.replicate.state.jobs[made.id].done]

    def remains(self) -> list[Path]:
        """List what is half-written, and the photos of trainings that are over."""
        over = [row["id"] for row in self.rows("trainings") if row["ended_at"]]
        photos = [path for training in over for path in (self.data / "datasets").glob(f"{training}*")]
        return [*photos, *(path for pattern in SCRAPS for path in self.data.rglob(pattern))]

    async def until(self, condition: Callable[[], object], within: float = PATIENCE) -> bool:
        """Wait until something is so, and start the bot again where it died; tells whether it came so."""
        clock = asyncio.get_running_loop().time
        end = clock() + within
        while clock() < end:
            if self.bot.pid is None:
                await self._start_again()
            if condition():
                return True
            await asyncio.sleep(LOOK)
        return False

    async def while_alive(self, act: Callable[[], Awaitable[object]]) -> None:
        """Let somebody act, until the bot has answered, or has died and is there again."""
        acting = asyncio.ensure_future(act())
        dying = asyncio.ensure_future(self.bot.wait())
        done, _ = await asyncio.wait((acting, dying), return_when=asyncio.FIRST_COMPLETED)
        died = dying in done
        dying.cancel()
        if died:
            await self._start_again()
        await acting

    async def _start_again(self) -> None:
        self.restarts += 1
        await self.bot.start()

    async def message(self, verb: str) -> Message:
        """Wait for a message of this run with a button that does this."""

        def has(message: Message) -> bool:
            return message.channel_id == self.channel.id and button_of(message, verb) is not None

        return await self.world.alice.wait_for(has, PATIENCE)

    async def press(self, message: Message, verb: str) -> None:
        """Have Alice press the button that does this, as it was when the message was first seen."""
        await self.world.alice.click(message, custom_id=button_of(message, verb))


def button_of(message: Message, verb: str) -> str | None:
    """Find the id of the button that does this."""
    ids = (button.custom_id or "" for button in message.buttons)
    return next((found for found in ids if found.startswith(f"{verb}:")), None)
