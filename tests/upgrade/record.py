"""Records a data folder in the middle of everything, and the world around it, with the code of an older commit.

It runs inside a checkout of that commit, with that bot and that sandbox, and writes one archive:

    git worktree add --detach ../old c626d95 && cd ../old
    PYTHONPATH=. python ../atelier/tests/upgrade/record.py c626d95.tar.xz

In the archive are `bot/`, what the bot kept when it was killed; `replicate/`, what the sandbox's Replicate kept;
and `world.json`: the messages of Discord, when it was recorded, and which message or job is which (`marks`).
"""

import asyncio
import io
import json
import random
import shutil
import sqlite3
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image, ImageDraw

from sandbox.discord import Fault as DiscordFault
from sandbox.discord import Message
from sandbox.replicate_world import Fault
from sandbox.visitor import Visitor
from sandbox.world import World

FAST, SLOW, WATCHED, STILL = 40.0, 4.0, 1.0, 0.002
SETTINGS = {
    "ATELIER_MEMBER_BUDGET": "1000",
    "ATELIER_GUILD_BUDGET": "5000",
    "ATELIER_SUBMIT_GRACE": "3",
    "ATELIER_ENRICH_MODEL": "meta/meta-llama-3-8b-instruct",
}
OFTEN = 10_000  # times that a fault strikes: to the end
HANG = {"times": OFTEN, "hang": True}
SECRET_LORA = "https://civitai.com/api/download/models/746602?type=Model&token=civitai-secret-0123456789abcdef"
STEPS = 60  # of a training: few make small files
MESSAGE = (
    "id",
    "channel_id",
    "author_id",
    "content",
    "timestamp",
    "edited_timestamp",
    "type",
    "flags",
    "embeds",
    "components",
    "attachments",
    "mention_user_ids",
    "ping_user_ids",
    "interaction_metadata",
)


class Recorder:
    """Lets people do things, and remembers what came of them by a name."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world, self.directory = world, directory
        self.replicate, self.faults = world.replicate, world.replicate.faults
        self.alice = Visitor(world, world.alice, world.channel, within=30)
        self.bob = Visitor(world, world.bob, world.channel, within=30)
        self.marks: dict[str, str] = {}

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what nobody tells of; a fast look, as some of it is over soon."""
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - nobody tells of a row that was written
                await asyncio.sleep(0.005)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(f"file:{self.directory / 'bot' / 'atelier.db'}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql)]

    def keep(self, name: str, message: Message) -> Message:
        self.marks[name] = str(message.id)
        return message

    async def begins(self, visitor: Visitor, name: str, command: str, /, **options: Any) -> str:
        """Have something begun that does not end; its id is the interaction's."""
        answer = await visitor.person.slash(visitor.channel, command, **options)
        self.marks[name] = str(answer.interaction_id)
        return self.marks[name]

    async def hands_in(self, name: str) -> Message:
        word = name.replace("-", "").upper()
        return self.keep(f"report {name}", await self.alice.hands_in(photos(), name, word, steps=STEPS))

    async def starts(self, name: str) -> str:
        """Start a training and return its id."""
        report = await self.hands_in(name)
        job = next(str(b.custom_id) for b in report.buttons if b.label == "Start").partition(":")[2]
        self.keep(f"status {name}", await self.alice.starts(report))
        self.marks[name] = job
        return job

    def job(self, table: str, job_id: str) -> dict[str, Any]:
        return next(iter(self.rows(f"SELECT * FROM {table} WHERE id = '{job_id}'")), {})  # noqa: S608

    async def yesterday(self) -> None:
        """What was done and told, with every kind of button below it."""
        alice, keep = self.alice, self.keep
        keep("card", await alice.is_told(await alice.starts(await self.hands_in("old-anna"))))
        keep("card of the deleted", await alice.is_told(await alice.starts(await self.hands_in("old-gone"))))
        for number in range(4):
            keep(f"result {number}", await alice.imagines(f"OLDANNA on hill {number}", megapixels="0.25"))
        keep("result of two", await alice.imagines("a boat in the fog", count=2, megapixels="0.25"))
        secret = await alice.imagines("an ink lighthouse", model="dev", megapixels="0.25", lora=SECRET_LORA)
        keep("result with a secret", secret)
        keep("result of bob", await self.bob.imagines("a bridge", megapixels="0.25"))
        offer = await alice.runs("compare", prompt="a tower", model="schnell", model2="dev", seed=3)
        await alice.person.click(offer, "Paint all")
        keep("sheet", await alice.sees("a sheet", lambda m: "a tower" in m.text and not m.ephemeral and m.pictures))
        for name in ("prose", "prose to edit", "prose to discard"):
            answer = await alice.person.slash(alice.channel, "enrich", prompt=f"a fox, {name}")
            self.marks[name] = str((await alice.until(lambda a=answer: _proposal(a.response), "prose")).id)
        await self._questions()

    async def _questions(self) -> None:
        """Whatever waits for a press."""
        alice, keep = self.alice, self.keep
        for name in ("start", "discard", "change"):
            await self.hands_in(f"draft-{name}")
        ask = await self.hands_in("draft-public")
        await alice.changes(ask, "Public", "Make it public")
        for name in ("batch to paint", "batch to drop"):
            keep(name, await alice.runs("imagine", prompt=f"a {{red|blue}} door, {name}", megapixels="0.25"))
        keep("comparison to paint", await alice.runs("compare", prompt="a mill", model="schnell", model2="dev"))
        keep("gallery", await alice.runs("gallery"))
        for name in ("question answered with no", "question answered with yes"):
            keep(name, await alice.runs("models delete", name="old-anna"))
        keep("question of publishing", await alice.runs("models publish", name="old-anna"))
        keep("list", await alice.runs("models show", name="old-anna"))
        keep("help", await alice.runs("help"))
        last = next(message for message in alice.person.messages(alice.channel) if "on hill 3" in message.text)
        selected = await self.bob.person.send(self.bob.channel, "my own photo", files=[photo(7)])
        keep("uses of a photo", await self._uses(selected))
        keep("uses", await self._uses(last))

    async def _uses(self, message: Message) -> Message:
        alice = self.alice
        return await alice.settled(await alice.person.context_menu(alice.channel, "Use in Atelier", message))

    async def killed(self) -> None:
        """One of each kind of job at each point of its way, where it stays."""
        await self._told_of_nothing()
        await self._in_the_middle()
        await self._answers_that_never_came()

    async def _told_of_nothing(self) -> None:
        """What is finished at Replicate, and nobody here knows; and a result that was shown, and nobody here knows."""
        self.replicate.clock.speed = WATCHED
        finished = await self.starts("finished")
        await self.until(lambda: self.job("trainings", finished)["remote_id"])
        remote = self.job("trainings", finished)["remote_id"]
        self.faults.append(Fault(match=f"GET /v1/trainings/{remote}", **HANG))
        self.replicate.clock.speed = FAST
        await self.until(lambda: self.replicate.state.jobs[remote].status == "succeeded")
        for name, is_shown in (("painted", False), ("shown", True)):
            self.replicate.clock.speed = WATCHED / 2
            answer = await self.alice.person.slash(
                self.alice.channel, "imagine", prompt=f"a {name} owl", megapixels="0.25"
            )
            job = self.marks[name] = str(answer.interaction_id)
            await self.until(lambda answer=answer: answer.response and "painting" in answer.response.text.casefold())
            fault = DiscordFault("PATCH /webhooks/*", delay=600, dropped=not is_shown)
            self.world.discord.faults.append(fault)
            self.replicate.clock.speed = FAST
            await self.until(lambda job=job: self.job("generations", job)["state"] == "succeeded")
            await self.until(lambda fault=fault: fault not in self.world.discord.faults)

    async def _in_the_middle(self) -> None:
        """What Replicate is at, with some of it done."""
        sampled = await self.starts("sampled")
        await self.until(lambda: self.rows(f"SELECT * FROM versions WHERE training_id = '{sampled}'"))  # noqa: S608
        self.replicate.clock.speed = WATCHED
        parts = f"SELECT * FROM generations WHERE parent_id = '{sampled}' AND state = "  # noqa: S608
        await self.until(lambda: self.rows(f"{parts} 'succeeded'"))
        self.replicate.clock.speed = STILL
        await self.until(lambda: self.rows(f"{parts} 'waiting'"))
        self.replicate.clock.speed, self.replicate.habits.stuck = SLOW, "processing"  # no deadline comes near
        running = await self.starts("running")
        await self.until(lambda: self.job("trainings", running)["remote_id"])
        for name, lora in (("painting", ""), ("painting with a secret", SECRET_LORA)):
            options = {"lora": lora} if lora else {}
            job = await self.begins(
                self.alice, name, "imagine", prompt=f"a cat, {name}", model="dev", megapixels="0.25", **options
            )
            await self.until(lambda job=job: self.job("generations", job).get("remote_id"))
        writing = await self.begins(self.bob, "writing", "enrich", prompt="a bear, being written")
        await self.until(lambda: self.job("enrichments", writing).get("remote_id"))
        self.replicate.habits.stuck = None
        self.keep("jobs", await self.alice.runs("jobs"))

    async def _answers_that_never_came(self) -> None:
        """Requests that are on their way; the process ends before their time is up."""
        made = len(self.replicate.created)
        trainings, predictions = "POST *trainings", "POST *predictions"
        self.faults.append(Fault(match=trainings, hang=True, after_effect=True, times=1))
        await self.starts("unanswered")
        await self.until(lambda: len(self.replicate.created) > made)
        fault = Fault(match=trainings, hang=True, times=1)
        self.faults.append(fault)
        await self.starts("unheard")
        await self.until(lambda: fault.met)
        for name, after_effect in (("lost answer", True), ("lost request", False)):
            fault = Fault(match=predictions, hang=True, after_effect=after_effect, times=1)
            self.faults.append(fault)
            await self.begins(self.alice, name, "imagine", prompt=f"a {name}", megapixels="0.25")
            await self.until(lambda fault=fault: fault.met)
        await self._other_kinds()

    async def _other_kinds(self) -> None:
        alice = self.alice
        fault = Fault(match="POST *flux-dev/predictions", hang=True, after_effect=True, times=1)
        self.faults.append(fault)
        offer = await alice.runs("compare", prompt="a ship", model="schnell", model2="dev", seed=4)
        self.marks["comparison"] = next(str(b.custom_id) for b in offer.buttons).partition(":")[2]
        await alice.person.click(offer, "Paint all")
        parts = f"SELECT * FROM generations WHERE parent_id = '{self.marks['comparison']}' AND state = 'succeeded'"  # noqa: S608
        await self.until(lambda: fault.met and self.rows(parts))
        fault = Fault(match="POST *predictions", hang=True, after_effect=True, times=1)
        self.faults.append(fault)
        await self.begins(self.bob, "unwritten", "enrich", prompt="a wolf, without an answer")
        await self.until(lambda: fault.met)
        fault = Fault(match="DELETE /v1/models/*", **HANG)
        self.faults.append(fault)
        await alice.person.click(await alice.runs("models delete", name="old-gone"), "Delete for good")
        await self.until(lambda: fault.met)
        fault = Fault(match="POST /v1/files", **HANG)
        self.faults.append(fault)
        await self.begins(alice, "uploading", "picture edit", picture=photo(), instruction="make it night")
        await self.until(lambda: fault.met)


def _proposal(message: Message | None) -> Message | None:
    return message if message and any(button.label == "Paint this" for button in message.buttons) else None


def photo(seed: int = 0) -> tuple[str, bytes]:
    dice = random.Random(seed)
    image = Image.new("RGB", (320, 320), (dice.randrange(256), 90, 120))
    x, y = dice.randrange(200), dice.randrange(200)
    ImageDraw.Draw(image).rectangle((x, y, x + 90, y + 90), fill=(dice.randrange(256), dice.randrange(256), 9))
    encoded = io.BytesIO()
    image.save(encoded, "JPEG")
    return f"photo-{seed}.jpg", encoded.getvalue()


def photos() -> tuple[str, bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for seed in range(4):
            archive.writestr(*photo(seed))
    return "photos.zip", packed.getvalue()


def message_of(stored: Any) -> dict[str, Any]:
    """Describe a message by what Discord's clients and bots are told of it."""
    return {name: getattr(stored, name) for name in MESSAGE}


def thin_out(directory: Path) -> None:
    """Leave out what can be made anew, and give files that need not differ the same bytes, which pack into one."""
    for path in (directory / "replicate" / "weights").glob("ready-*"):
        path.unlink()
    for alike in ("replicate/weights/*.npz", "bot/pictures/*/sheet.jpg"):
        first, *others = sorted(directory.glob(alike), key=lambda path: -path.stat().st_size)
        for other in others:
            shutil.copyfile(first, other)
    for path in (directory / "bot").glob("*-shm"):
        path.unlink()


def pack(directory: Path, told: dict[str, Any], archive: Path) -> None:
    """Write the archive; the databases are as the killed process left them, with all in their -wal."""
    (directory / "world.json").write_text(json.dumps(told, indent=1, sort_keys=True))
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for name in ("world.json", "discord-commands.json", "bot", "replicate"):
            tar.add(directory / name, arcname=name)


async def main(archive: Path) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name) / "world"
        async with World(directory, speed=FAST) as world:
            world.replicate.predictor.detail = "once"
            bot = world.bot(None, **SETTINGS)
            await bot.start()
            recorder = Recorder(world, directory)
            try:
                await recorder.yesterday()
                await recorder.killed()
            finally:
                await bot.kill()
            told = {
                "recorded_at": time.time(),
                "marks": recorder.marks,
                "messages": [
                    message_of(message)
                    for messages in world.discord.backend.messages.values()
                    for message in messages.values()
                ],
            }
        thin_out(directory)
        pack(directory, told, archive)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).absolute()))
